"""Media's two internal operations over the real bucket: what is uploaded is stored once by content."""

from __future__ import annotations

import hashlib
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

import pyvips
from aiohttp import web

from atelier.contracts.media import StoredMedia
from atelier.runtime.storage import Storage

CONTENT = UUID("5f2f8b86-7d4e-4f4b-9a70-0b6c5a2d9e33")


def stored_media(body: bytes, key: str, content_type: str, **fields: Any) -> StoredMedia:
    """What ingest answers for these bytes."""
    image = pyvips.Image.new_from_buffer(body, "")
    values: dict[str, Any] = {
        "id": uuid4(),
        "created_at": datetime.now(UTC),
        "resource_type": "IMAGE",
        "key": key,
        "content_type": content_type,
        "content_hash": hashlib.md5(body, usedforsecurity=False).hexdigest(),
        "sha256": hashlib.sha256(body).hexdigest(),
        "crc32": zlib.crc32(body),
        "extension": Path(key).suffix[1:],
        "file_size": len(body),
        "width": image.width,
        "height": image.height,
    }
    return StoredMedia.model_validate(values | fields)


class MediaStandIn:
    """Keeps a ledger of what it took in, and can be away or refuse."""

    def __init__(self, storage: Storage, cdn_url: str) -> None:
        self.url = ""
        self.away = False
        self.refuses = False
        self.asked: list[dict[str, Any]] = []
        """Every ingest that was taken."""
        self.resources: dict[UUID, StoredMedia] = {}
        """By id; one for each content of a tenant."""
        self._storage = storage
        self._cdn_url = cdn_url

    def application(self) -> web.Application:
        """What listens on the port."""
        app = web.Application()
        app.router.add_post("/internal/uploads", self._presign)
        app.router.add_post("/internal/ingest", self._ingest)
        return app

    async def _presign(self, request: web.Request) -> web.Response:
        if self.away:
            return web.json_response({"detail": "Away."}, status=503)
        body = await request.json()
        key = f"temp/{uuid4()}_{body['filename']}"
        answer = {"upload_url": "http://not-for-services", "file_url": f"{self._cdn_url}/{key}"}
        return web.json_response(
            answer | {"upload_method": "PUT", "expires_in_seconds": 900, "max_file_size": 10**8}
        )

    async def _ingest(self, request: web.Request) -> web.Response:
        body = await request.json()
        if self.refuses:
            problem = {"loc": ["body", "items", 0, "source"], "msg": "This is no picture.", "type": "v"}
            return web.json_response({"detail": [problem]}, status=422)
        self.asked.append(body)
        tenant = body["organization_id"] or body["owner_id"]
        stored = [await self._take(tenant, item["source"]) for item in body["items"]]
        return web.json_response({"data": [one.model_dump(mode="json") for one in stored]})

    async def _take(self, tenant: str, source: str) -> StoredMedia:
        key = source.removeprefix(f"{self._cdn_url}/")
        content = b"".join([piece async for piece in self._storage.read(key)])
        found = await self._storage.head(key)
        assert found is not None
        id_ = uuid5(CONTENT, tenant + hashlib.sha256(content).hexdigest())
        target = f"media/{id_}/file{Path(key).suffix}"
        await self._storage.copy(key, target, found.content_type)
        await self._storage.delete(key)
        return self.resources.setdefault(id_, stored_media(content, target, found.content_type, id=id_))
