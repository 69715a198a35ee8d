"""The two clients: all operations of one gateway, and the files that it points to."""

from __future__ import annotations

from copy import copy
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import httpx

from atelier_client.api import AsyncOperations, Operations
from atelier_client.errors import granted
from atelier_client.models import PresignedUrlRequest
from atelier_client.patience import KEY, UNKNOWN_BY_STORAGE, patiently, patiently_async

PATIENCE = 30.0
"""Seconds for which a request is sent again while a service is away."""
TIMEOUT = httpx.Timeout(60, connect=5)
"""Seconds for an answer to come, and for a connection."""


class Atelier(Operations):
    """A gateway, asked by somebody, or by nobody in particular where there is no login.

    Each POST carries an `Idempotency-Key`, so what is sent again while a service is away (`patience`
    seconds at most) has its effect once. `transport` replaces httpx's own, such as for a proxy.
    """

    def __init__(
        self,
        gateway: str,
        login: httpx.Auth | None = None,
        *,
        patience: float = PATIENCE,
        timeout: httpx.Timeout = TIMEOUT,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        super().__init__(self.send)
        self._login, self._patience = login, patience
        self._key: str | None = None
        self._http = httpx.Client(base_url=gateway, timeout=timeout, transport=transport)

    def once(self, key: str) -> Self:
        """The same client, whose POSTs carry that key of yours: one effect, even from another process."""
        other = copy(self)
        other._key = key
        Operations.__init__(other, other.send)
        return other

    def send(self, request: dict[str, Any]) -> httpx.Response:
        """Ask the gateway. RefusedError for an answer of 400 and above."""
        keyed = _keyed(request, self._key)
        return granted(patiently(lambda: self._http.request(**keyed, auth=self._login), self._patience))

    def upload(self, content: bytes, filename: str, content_type: str, folder: str = "uploads") -> str:
        """Put a file into the storage; the URL by which bodies name it."""
        wanted = _wanted(content, filename, content_type, folder)
        place = self.uploads.create_presigned_url(body=wanted)
        self.put(place.upload_url, content, content_type)
        return place.file_url

    def put(self, upload_url: str, content: bytes, content_type: str) -> None:
        """Bring bytes to a presigned URL, without the login, which is none of the storage's business."""
        self._store("PUT", upload_url, content=content, headers={"Content-Type": content_type})

    def fetch(self, url: str) -> bytes:
        """The bytes of a file by its public or presigned URL."""
        return (self._store("GET", url, follow_redirects=True)).content

    def save(self, url: str, to: Path) -> None:
        """The same into a file, piece by piece. The file is begun again where a connection ends early."""
        granted(patiently(lambda: self._saved(url, to), self._patience, UNKNOWN_BY_STORAGE))

    def close(self) -> None:
        """Close connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _store(self, method: str, url: str, **more: Any) -> httpx.Response:
        return granted(
            patiently(lambda: self._http.request(method, url, **more), self._patience, UNKNOWN_BY_STORAGE)
        )

    def _saved(self, url: str, to: Path) -> httpx.Response:
        with self._http.stream("GET", url, follow_redirects=True) as response:
            if response.is_error:
                response.read()
                return response
            with to.open("wb") as file:
                for piece in response.iter_bytes():
                    file.write(piece)
            return response


class AsyncAtelier(AsyncOperations):
    """`Atelier` for asyncio."""

    def __init__(
        self,
        gateway: str,
        login: httpx.Auth | None = None,
        *,
        patience: float = PATIENCE,
        timeout: httpx.Timeout = TIMEOUT,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        super().__init__(self.send)
        self._login, self._patience = login, patience
        self._key: str | None = None
        self._http = httpx.AsyncClient(base_url=gateway, timeout=timeout, transport=transport)

    def once(self, key: str) -> Self:
        """The same client, whose POSTs carry that key of yours: one effect, even from another process."""
        other = copy(self)
        other._key = key
        AsyncOperations.__init__(other, other.send)
        return other

    async def send(self, request: dict[str, Any]) -> httpx.Response:
        """Ask the gateway. RefusedError for an answer of 400 and above."""
        keyed = _keyed(request, self._key)
        return granted(
            await patiently_async(lambda: self._http.request(**keyed, auth=self._login), self._patience)
        )

    async def upload(self, content: bytes, filename: str, content_type: str, folder: str = "uploads") -> str:
        """Put a file into the storage; the URL by which bodies name it."""
        wanted = _wanted(content, filename, content_type, folder)
        place = await self.uploads.create_presigned_url(body=wanted)
        await self.put(place.upload_url, content, content_type)
        return place.file_url

    async def put(self, upload_url: str, content: bytes, content_type: str) -> None:
        """Bring bytes to a presigned URL, without the login, which is none of the storage's business."""
        await self._store("PUT", upload_url, content=content, headers={"Content-Type": content_type})

    async def fetch(self, url: str) -> bytes:
        """The bytes of a file by its public or presigned URL."""
        return (await self._store("GET", url, follow_redirects=True)).content

    async def save(self, url: str, to: Path) -> None:
        """The same into a file, piece by piece. The file is begun again where a connection ends early."""
        granted(await patiently_async(lambda: self._saved(url, to), self._patience, UNKNOWN_BY_STORAGE))

    async def aclose(self) -> None:
        """Close connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _store(self, method: str, url: str, **more: Any) -> httpx.Response:
        return granted(
            await patiently_async(
                lambda: self._http.request(method, url, **more), self._patience, UNKNOWN_BY_STORAGE
            )
        )

    async def _saved(self, url: str, to: Path) -> httpx.Response:
        async with self._http.stream("GET", url, follow_redirects=True) as response:
            if response.is_error:
                await response.aread()
                return response
            with to.open("wb") as file:
                async for piece in response.aiter_bytes():
                    file.write(piece)
            return response


def _keyed(request: dict[str, Any], key: str | None) -> dict[str, Any]:
    """With an Idempotency-Key, where it is a POST."""
    if request["method"] != "POST":
        return request
    return request | {"headers": {KEY: key or uuid4().hex} | request.get("headers", {})}


def _wanted(content: bytes, filename: str, content_type: str, folder: str) -> PresignedUrlRequest:
    return PresignedUrlRequest(
        folder=folder, filename=filename, content_type=content_type, file_size=len(content)
    )
