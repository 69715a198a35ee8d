"""Examples for bodies and answers: by hand for what is sent, made of the schema for what is answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

Schema = Mapping[str, Any]

_DEEPEST = 2
"""Below this level of an answer what may be null or empty is."""
_REF = "#/components/schemas/"
_MOMENT = "2026-03-01T09:00:00Z"


def _id(name: str) -> str:
    """The same one wherever a field has this name."""
    return str(uuid5(NAMESPACE_URL, name))


_CDN = "https://cdn.example.com"
_UPLOADED = f"{_CDN}/temp/{_id('upload')}_1772355600_shirt.png"
_STORED = f"{_CDN}/media/{_id('media_resource_id')}/file.png"
_PASSWORD = "violet-harbour-42"  # noqa: S105 - nobody's

_FORMATS = {"date-time": _MOMENT, "email": "mira@example.com", "uri": _STORED, "date": "2026-03-01"}
_USUAL: dict[str, Any] = {
    "name": "Spring 2026",
    "full_name": "Mira Okafor",
    "email": "mira@example.com",
    "filename": "shirt.png",
    "url": _STORED,
    "file_url": _UPLOADED,
    "upload_url": f"{_UPLOADED}?X-Amz-Signature=…",
    "upload_method": "PUT",
    "content_type": "image/png",
    "key": f"media/{_id('media_resource_id')}/file.png",
    "width": 1024,
    "height": 1365,
    "brand": "Okafor",
    "colour": "Ecru",
    "sku": "SH-1042",
    "season": "SS26",
    "slug": "okafor",
    "message": "Deleted.",
    "token_type": "bearer",
    "access_token": "eyJhbGciOiJFZERTQSIs…",
    "refresh_token": "rt_…",
    "expires_in": 43200,
    "count": 1,
}
"""What fields of this name hold, wherever that fits their schema."""

BODIES: dict[str, Any] = {
    "create_background_preset": {"name": "Plaster wall", "framings": [{"framing": None, "image": _UPLOADED}]},
    "create_product": {
        "name": "Linen shirt",
        "sku": "SH-1042",
        "brand": "Okafor",
        "colour": "Ecru",
        "cover_image": _UPLOADED,
        "back_image": {"media_resource_id": _id("media_resource_id")},
    },
    "update_product": {"colour": "Black", "materials": "Linen"},
    "patch_product": {"season": "SS26"},
    "create_resolution_preset": {"name": "Portrait", "width": 1024, "height": 1365},
    "update_resolution_preset": {"width": 1536, "height": 2048},
    "create_subject": {
        "name": "Anna",
        "age_class": "adult",
        "cover_image": _UPLOADED,
        "base_images": [{"shot_type_id": _id("shot_type_id"), "image_url": _UPLOADED}],
    },
    "update_subject": {"surname": "Smith"},
    "add_base_image": {"shot_type_id": _id("shot_type_id"), "image_url": _UPLOADED},
    "create_presigned_url": {
        "folder": "products", "filename": "shirt.png", "content_type": "image/png", "file_size": 482113,
    },
    "create_shooting": {"name": "Spring 2026", "due_date": _MOMENT, "brand": "Okafor"},
    "update_shooting": {"season": "SS26"},
    "patch_shooting": {"archived": True},
    "create_shooting_looks": {
        "product_ids": [_id("product_id")],
        "subject_ids": [_id("subject_id")],
        "shot_type_ids": [_id("shot_type_id")],
        "default_resolution_preset_id": _id("resolution_preset_id"),
        "generate_base_images": True,
    },
    "start_look_generations": {"generations_per_shot_type": 2},
    "generate_shot": {"generations_per_shot_type": 2},
    "create_shot_revision": {
        "shot_status": "REVIEW",
        "images": [{"source_type": "PREDICTION", "prediction_id": _id("prediction_id")}],
        "notes": "Sleeves straightened.",
    },
    "export_approved_shots": {"product_ids": [_id("product_id")]},
    "log_in": {"username": "mira@example.com", "password": _PASSWORD},
    "refresh_login": {"refresh_token": "rt_…"},
    "register_user": {"email": "mira@example.com", "password": _PASSWORD},
    "create_user": {"email": "mira@example.com", "password": _PASSWORD, "full_name": "Mira Okafor"},
    "update_user": {"full_name": "Mira Okafor"},
    "update_me": {"full_name": "Mira Okafor"},
    "change_password": {"current_password": _PASSWORD, "new_password": "copper-lantern-77"},
    "create_api_key": {"name": "Nightly export", "scopes": ["read", "write"]},
    "create_organization": {"name": "Maison Okafor"},
    "update_organization": {"name": "Okafor"},
    "add_member": {"email": "mira@example.com", "role": "member"},
    "change_member_role": {"role": "admin"},
    "transfer_ownership": {"user_id": _id("user_id")},
    "create_invitation": {"email": "mira@example.com", "role": "viewer"},
    "accept_invitation": {"token": "inv_…"},
}  # fmt: skip
"""By operation; one that isn't here shows what its schema requires."""

_REFUSALS = {
    "400": "The shot's current revision has no image; there is nothing to download.",
    "401": "Sign in first: send an access token as a bearer token.",
    "403": "You may not do this here.",
    "404": "Nothing is here for you.",
    "409": "Somebody else changed the same thing at the same time; read it again and repeat your change.",
    "412": "This was changed since you read it; read it again and repeat your change.",
    "413": "The body is longer than the 16777216 bytes that are taken here; send less at once.",
    "415": "Send the body as JSON, with Content-Type: application/json.",
    "422": [
        {"loc": ["query", "organization_id"], "msg": "Input should be a valid UUID", "type": "uuid_parsing"}
    ],
    "429": "Too many requests; wait as long as Retry-After says.",
    "502": "The service ended the connection without an answer.",
    "503": "The service can't be reached right now; try again in a moment.",
    "504": "The service didn't answer in time; look whether it took effect before you repeat it.",
}


class Examples:
    """Knows the document's models."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas

    def of_operation(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        """The operation with an example beside every schema of a body or an answer."""
        shown = dict(operation)
        if "requestBody" in operation:
            sent = operation["requestBody"]
            shown["requestBody"] = {**sent, "content": self._sent(operation, sent["content"])}
        shown["responses"] = {
            status: self._answered(str(status), response)
            for status, response in operation["responses"].items()
        }
        return shown

    def _sent(self, operation: Mapping[str, Any], content: Mapping[str, Any]) -> dict[str, Any]:
        by_hand = BODIES.get(operation.get("operationId", ""))
        return {
            media_type: {**media, "example": by_hand or self._required(media.get("schema", {}))}
            for media_type, media in content.items()
        }

    def _answered(self, status: str, response: Mapping[str, Any]) -> dict[str, Any]:
        if "content" not in response:
            return dict(response)
        content = {
            media_type: {
                **media,
                "example": {"detail": _REFUSALS[status]}
                if _is_refusal(media) and status in _REFUSALS
                else self.of(media.get("schema", {})),
            }
            for media_type, media in response["content"].items()
        }
        return {**response, "content": content}

    def of(self, schema: Schema, name: str = "", depth: int = 0) -> Any:
        """Something that fits the schema of a field of that name."""
        schema = self._resolved(schema)
        options = [self._resolved(one) for one in schema.get("anyOf", schema.get("oneOf", [schema]))]
        if depth > _DEEPEST and any(one.get("type") == "null" for one in options):
            return None
        usual = _USUAL.get(name)
        if usual is not None and any(_fits(usual, one) for one in options):
            return usual
        return self._made(options[0], name, depth)

    def _made(self, schema: Schema, name: str, depth: int) -> Any:
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        if schema.get("default") is not None:
            return schema["default"]
        match schema.get("type"):
            case "object":
                fields = schema.get("properties", {})
                return {field: self.of(one, field, depth + 1) for field, one in fields.items()}
            case "array":
                deep = depth > _DEEPEST and not schema.get("minItems")
                return [] if deep else [self.of(schema.get("items", {}), name.removesuffix("s"), depth + 1)]
            case "string":
                return (
                    _id(name)
                    if schema.get("format") == "uuid"
                    else _FORMATS.get(schema.get("format", ""), "…")
                )
            case "integer" | "number":
                return max(int(schema.get("minimum", 0)), int(schema.get("exclusiveMinimum", -1)) + 1)
            case "boolean":
                return False
        return None

    def _required(self, schema: Schema) -> Any:
        schema = self._resolved(schema)
        if schema.get("type") != "object":
            return self.of(schema)
        fields = schema.get("properties", {})
        return {name: self.of(fields[name], name, 1) for name in schema.get("required", ())}

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._schemas.get(schema["$ref"].removeprefix(_REF), {})
        return schema


def _is_refusal(media: Mapping[str, Any]) -> bool:
    name = media.get("schema", {}).get("$ref", "").removeprefix(_REF)
    return name in ("ErrorDetail", "HTTPValidationError")


def _fits(value: object, schema: Schema) -> bool:
    """Whether a usual value may stand where the schema asks for plain text or a number."""
    if "enum" in schema or "const" in schema or schema.get("format") in ("uuid", "date-time"):
        return False
    return schema.get("type") == ("string" if isinstance(value, str) else "integer")
