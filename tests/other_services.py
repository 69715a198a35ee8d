"""Stand-ins for the services that a tested one asks, on a real port: what they own, and media's ingest."""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import ipaddress
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4, uuid5

from aiohttp import web
from PIL import Image, UnidentifiedImageError

from atelier.contracts.media import StoredMedia
from atelier.contracts.model import State
from atelier.runtime.auth import InternalTokens

LIMIT = 50 * 1024 * 1024
TENANTS = UUID("6e3f0f5e-4c3b-4c55-8f0e-2f5f6a0b7a11")
EXTENSIONS = {"JPEG": ("jpg", "image/jpeg"), "PNG": ("png", "image/png"), "WEBP": ("webp", "image/webp")}
UPLOADABLE = {"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "application/zip"}


class RefusedItemError(Exception):
    """What the stand-in of media doesn't take, with the field that is wrong."""

    def __init__(self, field: str, msg: str, type_: str = "value_error", status: int = 422) -> None:
        super().__init__(msg)
        self.field, self.msg, self.type, self.status = field, msg, type_, status


class OtherServices:
    """What other services own, told on `/internal/<kind>` of a real port as their owners would."""

    def __init__(self, secret: str) -> None:
        self.url = ""
        self.media = MediaStandIn(self, secret)
        self._told: dict[str, dict[UUID, tuple[int, State]]] = {}

    def own(self, state: State, version: int = 1) -> None:
        """From now on this is what the owner of that aggregate answers."""
        self._told.setdefault(state.kind, {})[state.id] = (version, state)

    def application(self) -> web.Application:
        """What listens on the port."""
        app = web.Application(client_max_size=2 * LIMIT)
        app.router.add_post("/internal/ingest", self.media.ingest)
        app.router.add_post("/internal/uploads", self.media.presign)
        app.router.add_put("/temp/{name}", self.media.upload)
        app.router.add_get("/internal/{kind}", self.answer)
        return app

    async def answer(self, request: web.Request) -> web.Response:
        """The states of the ids that are asked for, or the next ones after an id."""
        told = self._told.get(request.match_info["kind"], {})
        items = [
            f'{{"version":{told[id_][0]},"state":{told[id_][1].model_dump_json()}}}'
            for id_ in _asked(request.query, sorted(told))
            if id_ in told
        ]
        body = f'{{"data":[{",".join(items)}]}}'
        return web.Response(text=body, content_type="application/json")


def _uses(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [item["attachment"], *item["also"]]


class MediaStandIn:
    """Media's ingest without a bucket: the same source is the same content, stored once a tenant.

    Any public URL is a picture of 600 × 800 unless `put` says otherwise; base64 and what was
    uploaded to a presigned URL are looked at. Private addresses, unreadable bytes, unknown ids and
    others' uploads are refused at the item's field, as media refuses them.
    """

    def __init__(self, others: OtherServices, secret: str) -> None:
        self.away = False
        """While it is set, every call is answered 503."""
        self.asked: list[dict[str, Any]] = []
        """Every item of an ingest that was taken, as it was sent."""
        self._others = others
        self._tokens = InternalTokens(secret, "media")
        self._prepared: dict[str, dict[str, Any] | RefusedItemError] = {}
        self._uploads: dict[str, tuple[UUID | None, bytes]] = {}
        self._stored: dict[UUID, tuple[UUID, StoredMedia]] = {}

    def put(self, url: str, **known: Any) -> str:
        """From now on there is a picture at this URL, with these fields of `StoredMedia`."""
        self._prepared[url] = known
        return url

    def keep(self, tenant: UUID, url: str = "https://pictures.example.org/kept.jpg") -> StoredMedia:
        """A resource that a tenant (an organization or a person) has already."""
        return self._keep(tenant, self._content(url, None))

    def refuse(self, url: str, msg: str = "This is no picture.", status: int = 422) -> str:
        """From now on what is at this URL is refused, with 422 at the source or with 413."""
        self._prepared[url] = RefusedItemError("source", msg, status=status)
        return url

    def attached_to(self, entity_id: UUID) -> list[dict[str, Any]]:
        """The items that were ingested for an entity."""
        return [item for item in self.asked if str(entity_id) in {use["entity_id"] for use in _uses(item)}]

    async def ingest(self, request: web.Request) -> web.Response:
        """All items or none, in order."""
        if self.away:
            return web.json_response({"detail": "Away."}, status=503)
        body, caller = await request.json(), self._caller(request)
        tenant = UUID(body["organization_id"] or body["owner_id"])
        problems, stored = [], []
        for index, item in enumerate(body["items"]):
            try:
                stored.append(self._take(tenant, caller, item))
            except RefusedItemError as refused:
                if refused.status != 422:
                    return web.json_response({"detail": refused.msg}, status=refused.status)
                loc = ["body", "items", index, refused.field]
                problems.append({"loc": loc, "msg": refused.msg, "type": refused.type})
        if problems:
            return web.json_response({"detail": problems}, status=422)
        self.asked += body["items"]
        return web.json_response({"data": [one.model_dump(mode="json") for one in stored]})

    async def presign(self, request: web.Request) -> web.Response:
        """A place for bytes on this port, for the caller."""
        if self.away:
            return web.json_response({"detail": "Away."}, status=503)
        body = await request.json()
        if body["content_type"] not in UPLOADABLE:
            problem = {"loc": ["body", "content_type"], "msg": "Not taken.", "type": "value_error"}
            return web.json_response({"detail": [problem]}, status=422)
        if (body["file_size"] or 0) > LIMIT:
            return web.json_response({"detail": f"At most {LIMIT} bytes."}, status=413)
        url = f"{self._others.url}/temp/{uuid4()}_{PurePosixPath(body['filename']).name}"
        self._uploads[url] = (self._caller(request), b"")
        answer = {"upload_url": url, "file_url": url, "upload_method": "PUT"}
        return web.json_response(answer | {"expires_in_seconds": 900, "max_file_size": LIMIT})

    async def upload(self, request: web.Request) -> web.Response:
        """Keep the bytes of a presigned upload."""
        url = f"{self._others.url}{request.path}"
        if url not in self._uploads:
            return web.Response(status=403)
        self._uploads[url] = (self._uploads[url][0], await request.read())
        return web.Response()

    def _caller(self, request: web.Request) -> UUID | None:
        return self._tokens.read(request.headers["Authorization"].removeprefix("Bearer ")).user_id

    def _take(self, tenant: UUID, caller: UUID | None, item: Mapping[str, Any]) -> StoredMedia:
        texts = {name: item[name] for name in ("alt_text", "caption", "protected") if item[name] is not None}
        if item["media_resource_id"] is not None:
            return self._known(tenant, UUID(item["media_resource_id"])).model_copy(update=texts)
        source = item["source"]
        key = _key(source)
        if key is not None and (known := self._by_key(tenant, key)) is not None:
            return known.model_copy(update=texts)
        return self._keep(tenant, self._content(source, caller)).model_copy(update=texts)

    def _keep(self, tenant: UUID, content: Mapping[str, Any]) -> StoredMedia:
        media = _described(content, tenant)
        return self._stored.setdefault(media.id, (tenant, media))[1]

    def _known(self, tenant: UUID, id_: UUID) -> StoredMedia:
        belongs_to, media = self._stored.get(id_, (None, None))
        if media is None or belongs_to != tenant:
            msg = "There is nothing with this id that may be used here."
            raise RefusedItemError("media_resource_id", msg, "unknown_id")
        return media

    def _by_key(self, tenant: UUID, key: str) -> StoredMedia | None:
        return next((m for owner, m in self._stored.values() if owner == tenant and m.key == key), None)

    def _content(self, source: str, caller: UUID | None) -> dict[str, Any]:
        """What the stored file is: looked at where there are bytes, told by the URL where there are none."""
        if source in self._uploads:
            uploader, body = self._uploads[source]
            if uploader != caller:
                raise RefusedItemError("source", "There is no such upload.")
            return _looked_at(body)
        prepared = self._prepared.get(source, {})
        if isinstance(prepared, RefusedItemError):
            raise prepared
        if urlsplit(source).scheme in ("http", "https"):
            if source not in self._prepared:
                _require_public(source)
            return _of_bytes(source.encode()) | {"width": 600, "height": 800} | prepared
        return _looked_at(_decoded(source))


def _asked(query: Mapping[str, str], owned: list[UUID]) -> list[UUID]:
    if "ids" in query:
        return [UUID(id_) for id_ in query["ids"].split(",")]
    after = UUID(query["after"]) if "after" in query else UUID(int=0)
    return [id_ for id_ in owned if id_ > after][: int(query["limit"])]


def _key(source: str) -> str | None:
    """The key in one of our own URLs."""
    before, found, after = source.partition("/media/")
    return f"media/{after}" if found and before.startswith("http") else None


def _require_public(url: str) -> None:
    host = urlsplit(url).hostname or ""
    try:
        private = not ipaddress.ip_address(host).is_global
    except ValueError:
        private = "." not in host or host.endswith((".localhost", ".internal", ".local"))
    if private:
        raise RefusedItemError("source", "The address isn't a public one.")


def _decoded(source: str) -> bytes:
    encoded = source.partition(",")[2] if source.startswith("data:") else source
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise RefusedItemError("source", "This is neither a URL nor base64.") from None


def _looked_at(body: bytes) -> dict[str, Any]:
    try:
        with Image.open(io.BytesIO(body)) as picture:
            extension, content_type = EXTENSIONS[picture.format or ""]
            width, height = picture.size
    except (UnidentifiedImageError, KeyError):
        raise RefusedItemError("source", "This is no picture that can be read.") from None
    size = {"width": width, "height": height}
    return _of_bytes(body) | size | {"extension": extension, "content_type": content_type}


def _of_bytes(body: bytes) -> dict[str, Any]:
    return {
        "content_hash": hashlib.md5(body, usedforsecurity=False).hexdigest(),
        "sha256": hashlib.sha256(body).hexdigest(),
        "crc32": zlib.crc32(body),
        "file_size": len(body),
    }


def _described(content: Mapping[str, Any], tenant: UUID) -> StoredMedia:
    id_ = uuid5(TENANTS, f"{tenant} {content['sha256']}")
    extension = content.get("extension", "jpg")
    width, height = content["width"], content["height"]
    known = {
        "id": id_,
        "created_at": datetime.now(UTC),
        "resource_type": "IMAGE",
        "key": f"media/{id_}/file.{extension}",
        "content_type": "image/jpeg",
        "extension": extension,
        "aspect_ratio": width / height,
        "orientation": "square" if width == height else "landscape" if width > height else "portrait",
        "dominant_color": "#a1b2c3",
    }
    return StoredMedia.model_validate(known | dict(content))
