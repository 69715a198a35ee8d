"""Asking media: where a client may put bytes, and to take over files that a request names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any
from uuid import UUID

from atelier.contracts.media import StoredMedia
from atelier.contracts.public.media import MediaInput
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Ownership
from atelier.runtime.errors import InvalidError, Location, Problem, TooLargeError, UnavailableError
from atelier.runtime.internal_client import InternalClient, RefusedError

MEDIA = "media"
INGEST_WITHIN = 60.0
"""Seconds; a remote source may be large and slow."""
PRESIGN_WITHIN = 5.0
ITEMS = ("body", "items")


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """The use that is meant: by which entity of which aggregate, in which slot, at which position.

    `kind` is the `State.kind` of the aggregate that holds the entity, `position` None in a slot for one.
    """

    kind: str
    aggregate_id: UUID
    entity_type: str
    entity_id: UUID
    slot: str
    position: int | None = None


@dataclass(frozen=True, kw_only=True)
class IngestItem:
    """A file that a request names, by a source or by the id of a resource; problems are told at `loc`.

    A source is a URL (a temporary upload's `file_url`, one of ours, a remote one), a `data:` URL or
    plain base64. Texts and protection that are None stay as they are. `also` are more uses of the same
    file: each keeps it by itself.
    """

    loc: Location
    attachment: Attachment
    also: tuple[Attachment, ...] = ()
    source: str | None = None
    media_resource_id: UUID | None = None
    alt_text: str | None = None
    caption: str | None = None
    protected: bool | None = None

    @classmethod
    def of(cls, loc: Location, image: str | MediaInput, attachment: Attachment) -> IngestItem:
        """The file as a body's field names it: a plain source, or a model with a source and texts."""
        if isinstance(image, str):
            return cls(loc=loc, attachment=attachment, source=image)
        texts = {name: getattr(image, name) for name in image.model_fields_set & TEXTS}
        if image.media_resource_id is not None:
            item = cls(
                loc=(*loc, "media_resource_id"),
                attachment=attachment,
                media_resource_id=image.media_resource_id,
            )
        else:
            item = cls(loc=(*loc, "url"), attachment=attachment, source=image.url)
        return replace(item, **texts)


TEXTS = frozenset({"alt_text", "caption", "protected"})


@dataclass(frozen=True)
class PresignedUpload:
    """Where a client puts bytes itself, and the URL under which the file is named afterwards."""

    upload_url: str
    file_url: str
    upload_method: str
    expires_in_seconds: int
    max_file_size: int
    """In bytes."""


class MediaClient:
    """Media's internal operations. Call it before the first statement, so that no transaction waits."""

    def __init__(self, client: InternalClient) -> None:
        self._client = client

    async def ingest(
        self, principal: Principal, ownership: Ownership, items: Sequence[IngestItem]
    ) -> list[StoredMedia]:
        """The files as stored, in order: all of them or none. No items ask nobody.

        The same temporary upload by the same caller is the same resource again, so a repeated request
        is safe. Raises `InvalidError` at the item's `loc`, `TooLargeError`, `UnavailableError`.
        """
        if not items:
            return []
        body = {
            "owner_id": ownership.owner_id,
            "organization_id": ownership.organization_id,
            "items": [_to_json(item) for item in items],
        }
        try:
            answer = await self._client.post(MEDIA, "/internal/ingest", body, principal, within=INGEST_WITHIN)
        except RefusedError as refused:
            raise _error(refused, [item.loc for item in items]) from refused
        return [StoredMedia.model_validate(one, extra="ignore") for one in answer["data"]]

    async def presign(
        self, principal: Principal, *, filename: str, content_type: str, file_size: int | None, folder: str
    ) -> PresignedUpload:
        """Where these bytes may be put; `file_size` in bytes, None where it isn't known yet.

        Raises `InvalidError`, `TooLargeError`, `UnavailableError`.
        """
        body = {
            "filename": filename,
            "content_type": content_type,
            "file_size": file_size,
            "folder": folder,
        }
        try:
            answer = await self._client.post(
                MEDIA, "/internal/uploads", body, principal, within=PRESIGN_WITHIN
            )
        except RefusedError as refused:
            raise _error(refused, []) from refused
        return PresignedUpload(**{name: answer[name] for name in PresignedUpload.__dataclass_fields__})


def _to_json(item: IngestItem) -> dict[str, Any]:
    told = asdict(item)
    del told["loc"]
    return told


def _error(refused: RefusedError, locs: Sequence[Location]) -> Exception:
    if refused.status == 413:
        return TooLargeError(str(refused.detail))
    if refused.status == 422 and isinstance(refused.detail, list):
        return InvalidError([_problem(one, locs) for one in refused.detail])
    return UnavailableError(f"The media service refused with {refused.status}: {refused.detail}")


def _problem(told: Mapping[str, Any], locs: Sequence[Location]) -> Problem:
    """What is wrong with item i, at the place where the client named it; with all of them, in the body."""
    loc = tuple(told["loc"])
    if loc[:2] == ITEMS and len(loc) > 2 and isinstance(loc[2], int) and loc[2] < len(locs):
        loc = locs[loc[2]]
    elif loc == ITEMS:
        return Problem(("body",), "These are more pictures than are taken at once.", told["type"])
    return Problem(loc, told["msg"], told["type"])
