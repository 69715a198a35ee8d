"""The bucket: keys in, bytes out. boto3 works in threads of its own, so nothing here blocks the loop.

Everything is bounded: so many calls at once, so long for an answer, so many tries. What storage
doesn't answer, or answers wrongly, is `StorageError`; what isn't there is `NotStoredError`.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from atelier.runtime.errors import TooLargeError, UnavailableError
from atelier.runtime.settings import StorageSettings

T = TypeVar("T")

PIECE = 1024 * 1024
"""Bytes that are in memory at once for each object that is read."""
THREADS = 16
"""Calls at once; more wait for their turn."""
CONNECT_WITHIN = 3
ANSWER_WITHIN = 20
"""Seconds until the first byte, and between two."""
TRIES = 3
DELETED_AT_ONCE = 1000
MISSING = frozenset({"404", "NoSuchKey", "NoSuchUpload", "NotFound"})
RANGE_BEHIND_THE_END = "InvalidRange"


class StorageError(UnavailableError):
    """Storage is away or answers what it shouldn't: 503 to a client, another try for a job.

    The reason is for logs; clients aren't told where the storage is.
    """

    def __init__(self, reason: str) -> None:
        super().__init__("The storage can't be used right now; try again in a moment.")
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class NotStoredError(Exception):
    """There is no object under this key, or no unfinished upload of this id."""


@dataclass(frozen=True)
class StoredObject:
    """What storage knows of an object. A listing doesn't tell the content type: it is empty then."""

    key: str
    size: int
    """In bytes."""
    content_type: str
    etag: str
    modified: datetime


class Storage:
    """The objects of one bucket; made without connecting, closed at the end of its process."""

    def __init__(self, settings: StorageSettings) -> None:
        self.trouble: str | None = None
        """What went wrong with the last call; None while all is well."""
        self._settings = settings
        self._bucket = settings.s3_bucket
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="storage")
        self._making = threading.Lock()

    async def close(self) -> None:
        """Take no more calls, and drop those that wait."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def head(self, key: str) -> StoredObject | None:
        """What is stored under a key, None for nothing."""
        try:
            found = await self._call("head_object", Key=key)
        except NotStoredError:
            return None
        return StoredObject(
            key, found["ContentLength"], found["ContentType"], _etag(found), found["LastModified"]
        )

    async def put(self, key: str, body: bytes, content_type: str) -> None:
        """Store these bytes; they replace what was there."""
        await self._call("put_object", Key=key, Body=body, ContentType=content_type)

    async def upload(self, file: Path, key: str, content_type: str) -> None:
        """Store a file without reading it into memory; at most 5 GB, else use `multipart`."""

        def upload() -> None:
            with file.open("rb") as body:
                self._ask("put_object", Key=key, Body=body, ContentType=content_type)

        await self._in_thread(upload)

    async def download(self, key: str, to: Path, limit: int | None = None) -> int:
        """Write an object into a file and return its size in bytes.

        Raises `NotStoredError`, and `TooLargeError` for more than `limit` bytes, which are never written.
        """
        cancelled = threading.Event()
        try:
            return await self._in_thread(partial(self._download, key, to, limit, cancelled))
        finally:
            cancelled.set()

    async def read(self, key: str, start: int = 0) -> AsyncIterator[bytes]:
        """The bytes of an object from `start` on, in pieces; nothing from its end or behind it.

        Raises `NotStoredError`, and `StorageError` where the object breaks off.
        """
        body = await self._in_thread(partial(self._body, key, start))
        try:
            while piece := await self._in_thread(partial(body.read, PIECE)):
                yield piece
        finally:
            self._dispose(body)

    async def copy(self, source: str, target: str, content_type: str) -> None:
        """Copy inside the bucket, under another content type; at most 5 GB. Raises `NotStoredError`."""
        await self._call(
            "copy_object",
            Key=target,
            CopySource={"Bucket": self._bucket, "Key": source},
            MetadataDirective="REPLACE",
            ContentType=content_type,
        )

    async def delete(self, *keys: str) -> None:
        """Delete objects; missing ones are fine. Raises `StorageError` where any of them stays."""
        for start in range(0, len(keys), DELETED_AT_ONCE):
            objects = [{"Key": key} for key in keys[start : start + DELETED_AT_ONCE]]
            answer = await self._call("delete_objects", Delete={"Objects": objects, "Quiet": True})
            if kept := [one for one in answer.get("Errors", ()) if one.get("Code") not in MISSING]:
                raise StorageError(f"{len(kept)} objects weren't deleted, first {kept[0]}")

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        """Every object whose key begins with this, by key."""
        async for page in self._pages("list_objects_v2", Prefix=prefix):
            for found in page.get("Contents", ()):
                yield StoredObject(found["Key"], found["Size"], "", _etag(found), found["LastModified"])

    async def presigned_put(
        self, key: str, *, content_type: str, content_length: int | None, expires: timedelta
    ) -> str:
        """A URL at which anyone may PUT this object, of exactly this type and, where given, this length."""
        length = {} if content_length is None else {"ContentLength": content_length}
        return await self._presigned("put_object", expires, Key=key, ContentType=content_type, **length)

    async def presigned_get(self, key: str, *, expires: timedelta, filename: str | None = None) -> str:
        """A URL at which anyone may GET this object, saved under `filename` where given."""
        disposition = {} if filename is None else {"ResponseContentDisposition": attachment(filename)}
        return await self._presigned("get_object", expires, Key=key, **disposition)

    async def multipart(self, key: str, content_type: str) -> Multipart:
        """Begin an upload in parts; nothing is under the key until it is complete."""
        begun = await self._call("create_multipart_upload", Key=key, ContentType=content_type)
        return Multipart(self, key, begun["UploadId"])

    async def unfinished(self, prefix: str) -> AsyncIterator[Multipart]:
        """Uploads in parts that were begun under these keys and neither completed nor aborted."""
        async for page in self._pages("list_multipart_uploads", Prefix=prefix):
            for begun in page.get("Uploads", ()):
                yield Multipart(self, begun["Key"], begun["UploadId"])

    async def _pages(self, operation: str, **parameters: Any) -> AsyncIterator[Mapping[str, Any]]:
        def first() -> Iterator[Mapping[str, Any]]:
            paginator = self._client.get_paginator(operation)
            return iter(paginator.paginate(Bucket=self._bucket, **parameters))

        pages = await self._in_thread(first)
        while (page := await self._in_thread(partial(next, pages, None))) is not None:
            yield page

    async def _presigned(self, operation: str, expires: timedelta, **parameters: Any) -> str:
        def sign() -> str:
            url: str = self._signer.generate_presigned_url(
                operation,
                Params={"Bucket": self._bucket, **parameters},
                ExpiresIn=int(expires.total_seconds()),
            )
            return url

        return await self._in_thread(sign)

    async def _call(self, operation: str, **parameters: Any) -> Mapping[str, Any]:
        return await self._in_thread(partial(self._ask, operation, **parameters))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        def told() -> T:
            with self._told():
                return work()

        return await asyncio.get_running_loop().run_in_executor(self._threads, told)

    def _ask(self, operation: str, **parameters: Any) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = getattr(self._client, operation)(Bucket=self._bucket, **parameters)
        return answer

    def _body(self, key: str, start: int) -> Any:
        from botocore.exceptions import ClientError

        part = {"Range": f"bytes={start}-"} if start else {}
        try:
            return self._ask("get_object", Key=key, **part)["Body"]
        except ClientError as error:
            if _code(error) == RANGE_BEHIND_THE_END:
                return _Nothing()
            raise

    def _download(self, key: str, to: Path, limit: int | None, cancelled: threading.Event) -> int:
        found = self._ask("get_object", Key=key)
        size = int(found["ContentLength"])
        with closing(found["Body"]) as body:
            if limit is not None and size > limit:
                raise TooLargeError(f"The file has {size} bytes; at most {limit} are taken.")
            with to.open("wb") as file:
                while not cancelled.is_set() and (piece := body.read(PIECE)):
                    file.write(piece)
        return size

    def _dispose(self, body: Any) -> None:
        """Close in a thread: a read that was cancelled may still hold the body's lock there."""
        try:
            self._threads.submit(body.close)
        except RuntimeError:  # closed meanwhile; the connection ends with the process
            body.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """boto3's errors in the terms of this module, and the trouble noted."""
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
        from urllib3.exceptions import HTTPError

        try:
            yield
        except ClientError as error:
            if _code(error) in MISSING:
                self.trouble = None
                raise NotStoredError(str(error)) from error
            raise self._failed(error) from error
        except (BotoCoreError, Boto3Error, HTTPClientError, HTTPError, OSError) as error:
            raise self._failed(error) from error
        self.trouble = None

    def _failed(self, error: Exception) -> StorageError:
        self.trouble = str(error)[:300]
        return StorageError(self.trouble)

    @property
    def _client(self) -> Any:
        with self._making:
            return self._for_calls

    @property
    def _signer(self) -> Any:
        with self._making:
            return self._for_clients

    @cached_property
    def _for_calls(self) -> Any:
        return _connect(self._settings, self._settings.s3_endpoint_url)

    @cached_property
    def _for_clients(self) -> Any:
        """Signs for the host at which clients reach the storage."""
        public = self._settings.s3_public_endpoint_url
        return _connect(self._settings, public) if public else self._for_calls


@dataclass(frozen=True)
class Multipart:
    """An upload in parts, each of 5 MiB at least but the last; complete or abort it.

    `parts` are the ETags of what was stored, by number from 1. Keep key, id and parts, and
    another process goes on from there with `resume`.
    """

    storage: Storage
    key: str
    upload_id: str
    parts: dict[int, str] = field(default_factory=dict)

    @classmethod
    def resume(cls, storage: Storage, key: str, upload_id: str, parts: Mapping[int, str]) -> Multipart:
        """Go on with an upload that was begun before."""
        return cls(storage, key, upload_id, dict(parts))

    async def part(self, number: int, body: bytes) -> str:
        """Store a part and return its ETag; the same number again replaces it.

        Raises `NotStoredError` where the upload isn't there any more.
        """
        stored = await self.storage._call(
            "upload_part", Key=self.key, UploadId=self.upload_id, PartNumber=number, Body=body
        )
        self.parts[number] = _etag(stored)
        return self.parts[number]

    async def complete(self) -> None:
        """Make the object of the parts; raises `NotStoredError` where the upload isn't there any more."""
        parts = [{"PartNumber": number, "ETag": f'"{self.parts[number]}"'} for number in sorted(self.parts)]
        await self.storage._call(
            "complete_multipart_upload",
            Key=self.key,
            UploadId=self.upload_id,
            MultipartUpload={"Parts": parts},
        )

    async def abort(self) -> None:
        """Drop the parts; an upload that isn't there any more is fine."""
        try:
            await self.storage._call("abort_multipart_upload", Key=self.key, UploadId=self.upload_id)
        except NotStoredError:
            return


class _Nothing:
    """The body of a range that begins at the end of its object."""

    def read(self, _: int) -> bytes:
        return b""

    def close(self) -> None:
        """Nothing to close."""


def attachment(filename: str) -> str:
    """The Content-Disposition that saves under a name: plain ASCII for old clients, UTF-8 beside it."""
    plain = re.sub(r'[^ -~]|["\\%]', "_", filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def _connect(settings: StorageSettings, endpoint_url: str) -> Any:
    import boto3
    from botocore.config import Config

    return boto3.session.Session().client(
        "s3",
        endpoint_url=endpoint_url,
        region_name=settings.s3_region,
        aws_access_key_id=settings.s3_access_key.get_secret_value(),
        aws_secret_access_key=settings.s3_secret_key.get_secret_value(),
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            connect_timeout=CONNECT_WITHIN,
            read_timeout=ANSWER_WITHIN,
            retries={"mode": "standard", "total_max_attempts": TRIES},
            max_pool_connections=2 * THREADS,
            # trailing checksums are Amazon's own; other storages refuse or keep them as content
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def _etag(answer: Mapping[str, Any]) -> str:
    return str(answer["ETag"]).strip('"')


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


__all__ = ["Multipart", "NotStoredError", "Storage", "StorageError", "StoredObject", "attachment"]
