"""Files that requests name are taken over by media, and what it refuses is told where they were named."""

from __future__ import annotations

import base64
import io
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import pytest
from PIL import Image

from atelier.contracts.public.media import MediaInput
from atelier.contracts.topics import TOPICS, Topics
from atelier.runtime.auth import InternalTokens, Principal
from atelier.runtime.authorization import Ownership
from atelier.runtime.errors import InvalidError, Problem, TooLargeError, UnavailableError
from atelier.runtime.internal_client import InternalClient
from atelier.runtime.media_client import Attachment, IngestItem, MediaClient

SOMEBODY = Principal(user_id=uuid4())
THEIRS = Ownership(SOMEBODY.user_id, None)
COVER = ("body", "cover_image")


@pytest.fixture
async def media(other_services: Any, internal_secret: str) -> AsyncIterator[MediaClient]:
    client = _client(internal_secret, other_services.url)
    yield MediaClient(client)
    await client.close()


def _client(secret: str, *urls: str) -> InternalClient:
    tokens = InternalTokens(secret, "test")
    return InternalClient(urls_of=lambda _: urls, tokens=tokens, topics=Topics(TOPICS))


def _item(image: str | MediaInput, *loc: str | int, entity_id: UUID | None = None) -> IngestItem:
    id_ = entity_id or uuid4()
    meant = Attachment(
        kind="products", aggregate_id=id_, entity_type="PRODUCT", entity_id=id_, slot="cover_image"
    )
    return IngestItem.of(loc or COVER, image, meant)


def _picture(width: int, height: int) -> bytes:
    body = io.BytesIO()
    Image.new("RGB", (width, height)).save(body, "PNG")
    return body.getvalue()


async def _refused(media: MediaClient, *items: IngestItem) -> tuple[Problem, ...]:
    with pytest.raises(InvalidError) as refused:
        await media.ingest(SOMEBODY, THEIRS, items)
    return refused.value.problems


async def test_files_come_back_in_order_with_what_the_request_says_of_them(media: MediaClient) -> None:
    encoded = base64.b64encode(_picture(40, 20)).decode()
    spoken = MediaInput(url="https://pictures.example.org/b.jpg", alt_text="A shirt", protected=True)
    first, second, third = await media.ingest(
        SOMEBODY, THEIRS, [_item("https://pictures.example.org/a.jpg"), _item(spoken), _item(encoded)]
    )

    assert (first.alt_text, first.protected) == (None, False)
    assert (second.alt_text, second.protected) == ("A shirt", True)
    assert (third.width, third.height) == (40, 20)


async def test_the_attachment_that_is_meant_is_told(media: MediaClient, other_services: Any) -> None:
    id_ = uuid4()
    await media.ingest(SOMEBODY, THEIRS, [_item("https://pictures.example.org/a.jpg", entity_id=id_)])

    (told,) = other_services.media.attached_to(id_)
    assert told["attachment"] == {
        "kind": "products",
        "aggregate_id": str(id_),
        "entity_type": "PRODUCT",
        "entity_id": str(id_),
        "slot": "cover_image",
        "position": None,
    }


async def test_no_files_ask_nobody(internal_secret: str) -> None:
    assert await MediaClient(_client(internal_secret)).ingest(SOMEBODY, THEIRS, []) == []


async def test_the_same_source_is_the_same_resource_for_one_tenant_only(media: MediaClient) -> None:
    item = _item("https://pictures.example.org/same.jpg")
    organization = Ownership(SOMEBODY.user_id, uuid4())
    one, again = [(await media.ingest(SOMEBODY, THEIRS, [item]))[0] for _ in range(2)]
    (another,) = await media.ingest(SOMEBODY, organization, [item])

    assert one == again
    assert (another.sha256, another.id == one.id) == (one.sha256, False)


async def test_problems_are_told_where_the_client_named_the_files(media: MediaClient) -> None:
    private, unknown = MediaInput(url="http://127.0.0.1/a.jpg"), MediaInput(media_resource_id=uuid4())
    problems = await _refused(
        media,
        _item("https://pictures.example.org/fine.jpg"),
        _item(private),
        _item(unknown, "body", "reference_images", 1),
        _item("no base64!", "body", "back_image"),
    )

    assert [problem.loc for problem in problems] == [
        ("body", "cover_image", "url"),
        ("body", "reference_images", 1, "media_resource_id"),
        ("body", "back_image"),
    ]
    assert problems[1].type == "unknown_id"


async def test_a_file_that_is_too_large_is_told_as_that(media: MediaClient, other_services: Any) -> None:
    huge = other_services.media.refuse("https://pictures.example.org/huge.jpg", "At most 50 MB.", 413)
    with pytest.raises(TooLargeError, match="At most 50 MB"):
        await media.ingest(SOMEBODY, THEIRS, [_item(huge)])


async def test_bytes_put_at_a_presigned_url_are_taken_from_who_asked_for_it(media: MediaClient) -> None:
    body = _picture(30, 60)
    upload = await media.presign(
        SOMEBODY, filename="a.png", content_type="image/png", file_size=len(body), folder="shots"
    )
    async with (
        aiohttp.ClientSession() as session,
        session.request(upload.upload_method, upload.upload_url, data=body) as answer,
    ):
        assert answer.status == 200
    (stored,) = await media.ingest(SOMEBODY, THEIRS, [_item(upload.file_url)])
    with pytest.raises(InvalidError):
        await media.ingest(Principal(user_id=uuid4()), THEIRS, [_item(upload.file_url)])

    assert (stored.width, stored.height, stored.file_size) == (30, 60, len(body))


async def test_an_upload_that_media_doesnt_take_is_told_at_its_field(media: MediaClient) -> None:
    with pytest.raises(InvalidError) as refused:
        await media.presign(
            SOMEBODY, filename="a.exe", content_type="application/x-msdownload", file_size=1, folder="shots"
        )
    assert [problem.loc for problem in refused.value.problems] == [("body", "content_type")]


async def test_media_that_is_away_or_unknown_is_unavailable(
    media: MediaClient, other_services: Any, internal_secret: str
) -> None:
    other_services.media.away = True
    try:
        with pytest.raises(UnavailableError):
            await media.ingest(SOMEBODY, THEIRS, [_item("https://pictures.example.org/a.jpg")])
    finally:
        other_services.media.away = False
    nowhere = _client(internal_secret, "http://127.0.0.1:9")
    with pytest.raises(UnavailableError):
        await MediaClient(nowhere).ingest(SOMEBODY, THEIRS, [_item("https://pictures.example.org/a.jpg")])
    await nowhere.close()
