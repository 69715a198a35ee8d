"""The bucket on the real storage: what is put is there, what is signed is held, what fails is said."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import web

from atelier.runtime.errors import TooLargeError
from atelier.runtime.settings import StorageSettings
from atelier.runtime.storage import Multipart, NotStoredError, Storage, StorageError, attachment
from atelier.stack.testing import EmbeddedStack

MIB = 1024 * 1024
SOON = timedelta(minutes=5)


class Settings(StorageSettings):
    service: ClassVar[str] = "test"
    port: int = 0


def _settings(stack: EmbeddedStack, **other: str) -> Settings:
    endpoints = stack.endpoints
    values = {
        "database_url": "postgresql://",
        "internal_token_secret": "x" * 32,
        "kafka_bootstrap_servers": "",
        "cdn_url": "http://cdn",
        "s3_endpoint_url": endpoints.s3_endpoint_url,
        "s3_bucket": endpoints.s3_bucket,
        "s3_access_key": endpoints.s3_access_key,
        "s3_secret_key": endpoints.s3_secret_key,
    }
    return Settings.model_validate(values | other)


@pytest.fixture(scope="module")
async def storage(stack: EmbeddedStack) -> AsyncIterator[Storage]:
    storage = Storage(_settings(stack))
    yield storage
    await storage.close()


@pytest.fixture(scope="module")
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def key() -> str:
    return f"tests/{uuid4()}"


async def _all(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


async def test_what_is_put_is_there_with_its_size_and_type(storage: Storage, key: str) -> None:
    await storage.put(key, b"picture", "image/png")

    head = await storage.head(key)
    assert head is not None
    assert (head.key, head.size, head.content_type) == (key, 7, "image/png")
    assert abs(head.modified - datetime.now(UTC)) < timedelta(minutes=1)
    assert await _all(storage.read(key)) == b"picture"


async def test_what_isnt_stored_is_said_so(storage: Storage, key: str, tmp_path: Path) -> None:
    assert await storage.head(key) is None
    with pytest.raises(NotStoredError):
        await _all(storage.read(key))
    with pytest.raises(NotStoredError):
        await storage.download(key, tmp_path / "file")
    with pytest.raises(NotStoredError):
        await storage.copy(key, key + "-copy", "image/png")


async def test_an_object_is_read_in_pieces_from_anywhere(storage: Storage, key: str) -> None:
    body = os.urandom(2 * MIB + 5)
    await storage.put(key, body, "application/octet-stream")

    pieces = [piece async for piece in storage.read(key)]
    assert (b"".join(pieces), max(map(len, pieces))) == (body, MIB)
    assert await _all(storage.read(key, start=MIB + 1)) == body[MIB + 1 :]
    assert await _all(storage.read(key, start=len(body))) == b""


async def test_a_reader_that_goes_away_leaves_the_storage_usable(storage: Storage, key: str) -> None:
    await storage.put(key, os.urandom(8 * MIB), "application/octet-stream")
    for _ in range(20):
        reader = storage.read(key)
        await anext(reader)
        await reader.aclose()  # type: ignore[attr-defined]

    assert await storage.head(key) is not None


async def test_files_go_up_and_come_down_unchanged(storage: Storage, key: str, tmp_path: Path) -> None:
    there, back = tmp_path / "there", tmp_path / "back"
    there.write_bytes(os.urandom(3 * MIB))
    await storage.upload(there, key, "image/webp")

    assert await storage.download(key, back, limit=3 * MIB) == 3 * MIB
    assert back.read_bytes() == there.read_bytes()


async def test_a_file_over_the_limit_is_never_written(storage: Storage, key: str, tmp_path: Path) -> None:
    await storage.put(key, b"12345", "image/png")
    with pytest.raises(TooLargeError):
        await storage.download(key, tmp_path / "file", limit=4)
    assert not (tmp_path / "file").exists()


async def test_a_copy_takes_the_content_type_that_it_is_given(storage: Storage, key: str) -> None:
    await storage.put(key, b"same", "application/octet-stream")
    await storage.copy(key, key + "-copy", "image/avif")

    head = await storage.head(key + "-copy")
    assert head is not None
    assert (head.size, head.content_type) == (4, "image/avif")


async def test_deleted_objects_are_gone_and_missing_ones_are_fine(storage: Storage, key: str) -> None:
    await storage.put(key, b"x", "image/png")
    await storage.delete(key, key + "-never")
    await storage.delete()

    assert await storage.head(key) is None


async def test_objects_are_listed_by_prefix(storage: Storage, key: str) -> None:
    for name in ("b", "a", "other"):
        await storage.put(f"{key}/{name}", name.encode(), "text/plain")

    found = [(one.key, one.size) async for one in storage.list(f"{key}/")]
    assert found == [(f"{key}/a", 1), (f"{key}/b", 1), (f"{key}/other", 5)]
    assert [one async for one in storage.list(key + "/nothing")] == []


@pytest.mark.parametrize(
    ("sent", "content_type", "status"),
    [
        (b"12345", "image/png", 200),
        (b"12345", "image/jpeg", 403),
        (b"123456", "image/png", 403),
        (b"1234", "image/png", 403),
    ],
)
async def test_a_signed_upload_takes_its_type_and_length_only(
    storage: Storage, session: aiohttp.ClientSession, key: str, sent: bytes, content_type: str, status: int
) -> None:
    url = await storage.presigned_put(key, content_type="image/png", content_length=5, expires=SOON)
    async with session.put(url, data=sent, headers={"Content-Type": content_type}) as answer:
        assert answer.status == status
    assert (await storage.head(key) is not None) == (status == 200)


async def test_a_signed_upload_of_unknown_length_takes_any(
    storage: Storage, session: aiohttp.ClientSession, key: str
) -> None:
    url = await storage.presigned_put(key, content_type="image/png", content_length=None, expires=SOON)
    async with session.put(url, data=b"any", headers={"Content-Type": "image/png"}) as answer:
        assert answer.status == 200
    async with session.put(url, data=b"any", headers={"Content-Type": "text/html"}) as answer:
        assert answer.status == 403


async def test_a_signed_upload_is_of_its_key_only_and_ends(
    storage: Storage, session: aiohttp.ClientSession, key: str
) -> None:
    url = await storage.presigned_put(
        key, content_type="image/png", content_length=None, expires=timedelta(seconds=1)
    )
    headers = {"Content-Type": "image/png"}
    async with session.put(url.replace(key, key + "-other"), data=b"x", headers=headers) as answer:
        assert answer.status == 403
    await asyncio.sleep(2.1)  # the signature's seconds are storage's own, there is nothing to poll
    async with session.put(url, data=b"x", headers=headers) as answer:
        assert answer.status == 403


async def test_a_signed_download_saves_under_its_name(
    storage: Storage, session: aiohttp.ClientSession, key: str
) -> None:
    await storage.put(key, b"PK", "application/zip")
    url = await storage.presigned_get(key, expires=SOON, filename='Größe "M".zip')
    async with session.get(url) as answer:
        assert (answer.status, await answer.read()) == (200, b"PK")
        assert answer.headers["Content-Disposition"] == attachment('Größe "M".zip')


def test_names_to_save_under_are_plain_ascii_with_utf_8_beside() -> None:
    expected = "attachment; filename=\"Gr__e _M_.zip\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%22M%22.zip"
    assert attachment('Größe "M".zip') == expected
    assert "\n" not in attachment("a\r\nSet-Cookie: b")


async def test_signed_urls_name_the_host_at_which_clients_reach_the_storage(stack: EmbeddedStack) -> None:
    storage = Storage(_settings(stack, s3_public_endpoint_url="https://files.example.com"))
    url = await storage.presigned_put("a/b.png", content_type="image/png", content_length=1, expires=SOON)
    await storage.close()

    assert url.startswith(f"https://files.example.com/{stack.endpoints.s3_bucket}/a/b.png?")
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url
    assert "X-Amz-SignedHeaders=content-length%3Bcontent-type%3Bhost" in url


async def test_an_upload_in_parts_goes_on_in_another_process(storage: Storage, key: str) -> None:
    first, second = os.urandom(5 * MIB), b"the end"
    begun = await storage.multipart(key, "application/zip")
    await begun.part(1, first)
    assert await storage.head(key) is None, "nothing is there before it is complete"
    resumed = Multipart.resume(storage, key, begun.upload_id, begun.parts)
    await resumed.part(2, b"written before a crash")
    await resumed.part(2, second)
    await resumed.complete()

    head = await storage.head(key)
    assert head is not None
    assert (head.size, head.content_type) == (len(first + second), "application/zip")
    assert await _all(storage.read(key)) == first + second


async def test_an_aborted_upload_leaves_nothing(storage: Storage, key: str) -> None:
    begun = await storage.multipart(key, "application/zip")
    await begun.part(1, b"part")
    assert [one.upload_id async for one in storage.unfinished(key)] == [begun.upload_id]
    await begun.abort()
    await begun.abort()

    assert [one async for one in storage.unfinished(key)] == []
    with pytest.raises(NotStoredError):
        await begun.part(2, b"late")
    assert await storage.head(key) is None


async def test_a_storage_that_is_away_is_said_so_and_forgotten_when_it_is_back(
    stack: EmbeddedStack, storage: Storage, key: str
) -> None:
    away = Storage(_settings(stack, s3_endpoint_url="http://127.0.0.1:9"))
    with pytest.raises(StorageError) as said:
        await away.head(key)
    assert "127.0.0.1" not in said.value.detail, "where it is isn't told to clients"
    assert away.trouble
    assert "127.0.0.1:9" in away.trouble
    await away.close()

    refused = Storage(_settings(stack, s3_secret_key="wrong"))
    with pytest.raises(StorageError):
        await refused.put(key, b"x", "image/png")
    await refused.close()
    await storage.head(key)
    assert storage.trouble is None


@asynccontextmanager
async def _answering(
    stack: EmbeddedStack, answer: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> AsyncIterator[Storage]:
    """A storage whose every object is answered like this, from this very event loop."""
    app = web.Application()
    app.router.add_get("/{key:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    storage = Storage(_settings(stack, s3_endpoint_url=f"http://127.0.0.1:{runner.addresses[0][1]}"))
    yield storage
    await storage.close()
    await runner.cleanup()


async def test_an_object_that_breaks_off_is_no_whole_one(stack: EmbeddedStack, tmp_path: Path) -> None:
    async def half(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": "10", "ETag": '"x"'})
        await answer.prepare(request)
        await answer.write(b"12345")
        assert request.transport is not None
        request.transport.close()
        return answer

    async with _answering(stack, half) as storage:
        with pytest.raises(StorageError):
            await _all(storage.read("key"))
        with pytest.raises(StorageError):
            await storage.download("key", tmp_path / "file")


async def test_many_calls_at_once_leave_the_event_loop_free(stack: EmbeddedStack) -> None:
    """A call that held the loop would wait for itself, as the answer comes from there."""

    async def whole(_: web.Request) -> web.Response:
        return web.Response(body=bytes(MIB))

    async with _answering(stack, whole) as storage:
        read: list[Any] = await asyncio.gather(*(_all(storage.read("key")) for _ in range(60)))

    assert [len(one) for one in read] == [MIB] * 60
