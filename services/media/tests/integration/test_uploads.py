"""Presigned uploads: the client puts the bytes itself, and only what it announced."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from media_pictures import encoded

from atelier.runtime.auth import Principal

PATH = "/api/v1/uploads/presigned-url"


async def put(person: Any, url: str, body: bytes, content_type: str) -> int:
    answer = await person.plain.put(url, content=body, headers={"Content-Type": content_type})
    return int(answer.status_code)


async def test_the_answer_says_where_and_how_long(person: Any, media: Any, inside: Any) -> None:
    answer = await person.presign(filename="../My shirt (ü).jpeg", content_type="image/png", file_size=10)
    assert answer.status_code == 200
    body = answer.json()
    assert body["upload_method"] == "PUT"
    assert (body["expires_in_seconds"], body["max_file_size"]) == (900, media.settings.max_file_bytes)
    key = body["file_url"].removeprefix(f"{media.settings.cdn_url}/")
    assert re.fullmatch(r"temp/[0-9a-f-]{36}_\d{10}_My_shirt_u\.png", key)
    (row,) = await inside.rows("SELECT * FROM temporary_uploads WHERE key = :key", key=key)
    assert (row.user_id, row.folder, row.content_type, row.file_size) == (
        person.principal.user_id, "products", "image/png", 10,
    )  # fmt: skip


async def test_larger_files_have_more_time(person: Any, media: Any) -> None:
    largest = (await person.presign(file_size=media.settings.max_file_bytes)).json()
    assert largest["expires_in_seconds"] == 900 + 40 * 60


@pytest.mark.parametrize(
    "content_type", ["image/jpeg", "image/webp", "image/gif", "image/avif", "application/zip",
                     "application/pdf", "video/mp4", "audio/mpeg"]
)  # fmt: skip
async def test_all_documented_types_can_be_uploaded(person: Any, content_type: str) -> None:
    answer = await person.presign(content_type=content_type)
    assert answer.status_code == 200
    assert await put(person, answer.json()["upload_url"], b"bytes", content_type) == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("content_type", "image/svg+xml"),
        ("content_type", "text/html"),
        ("content_type", ""),
        ("content_type", "image/tiff"),
        ("file_size", 0),
        ("file_size", -1),
        ("file_size", 50 * 1024 * 1024 + 1),
        ("file_size", "10"),
        ("file_size", 2**70),
        ("filename", ""),
        ("filename", "a" * 256),
        ("filename", "a\r\nb.png"),
        ("folder", "../etc"),
        ("folder", "a" * 65),
        ("folder", "a b"),
    ],
)
async def test_what_is_not_taken_is_422(person: Any, field: str, value: Any) -> None:
    answer = await person.presign(**{field: value})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", field]


@pytest.mark.parametrize("field", ["folder", "filename", "content_type"])
async def test_required_fields_are_asked_for(person: Any, field: str) -> None:
    body = {"folder": "x", "filename": "a.png", "content_type": "image/png"}
    del body[field]
    answer = await person.client.post(PATH, json=body)
    assert [problem["loc"] for problem in answer.json()["detail"]] == [["body", field]]


async def test_nobody_gets_no_url(person_of: Any) -> None:
    nobody = person_of(Principal.anonymous())
    assert (await nobody.presign()).status_code == 401
    answer = await nobody.client.post("/internal/uploads", json={})
    assert answer.status_code == 401


async def test_storage_holds_type_and_length(person: Any) -> None:
    url = (await person.presign(file_size=5)).json()["upload_url"]
    assert await put(person, url, b"12345", "image/jpeg") == 403
    assert await put(person, url, b"1234", "image/png") == 403
    assert await put(person, url, b"123456", "image/png") == 403
    assert await put(person, url.replace("temp/", "media/"), b"12345", "image/png") == 403
    assert await put(person, url, b"12345", "image/png") == 200


async def test_pictures_can_be_previewed_and_archives_not(person: Any) -> None:
    picture = encoded()
    shown = await person.get(await person.upload(picture))
    assert (shown.status_code, shown.content, shown.headers["content-type"]) == (200, picture, "image/png")
    hidden = await person.get(await person.upload(b"PK\3\4", "application/zip", filename="a.png"))
    assert hidden.status_code == 403


async def test_a_service_may_ask_for_itself_and_for_users(person_of: Any) -> None:
    for principal in (Principal.of_service("generation"), Principal(user_id=uuid4())):
        asking = person_of(principal)
        body = {
            "folder": "predictions",
            "filename": "1.webp",
            "content_type": "image/webp",
            "file_size": None,
        }
        answer = await asking.client.post("/internal/uploads", json=body)
        assert answer.status_code == 200
        assert await put(asking, answer.json()["upload_url"], b"bytes", "image/webp") == 200


async def expire(inside: Any, url: str) -> None:
    """Let an upload's time be over."""
    file_id = url[url.index("temp/") + 5 :].split("_")[0]
    ((seconds,),) = await inside.rows(
        "SELECT extract(epoch FROM run_at - now()) FROM jobs WHERE key = :key AND kind = :kind",
        key=file_id,
        kind="expire-temporary-upload",
    )
    assert 86400 + 800 < seconds < 86400 + 901
    await inside.rows("UPDATE jobs SET run_at = now() WHERE key = :key", key=file_id)
    assert file_id in await inside.run_jobs("expire-temporary-upload")


async def test_what_is_not_taken_in_goes_after_its_time(person: Any, storage: Any, inside: Any) -> None:
    url = await person.upload(encoded())
    await expire(inside, url)
    assert await storage.head(url[url.index("temp/") :]) is None
    assert "nothing with this id" in await person.refused(url)


async def test_bytes_that_were_put_again_go_as_well(person: Any, storage: Any, inside: Any) -> None:
    answer = (await person.presign()).json()
    picture = encoded()
    await put(person, answer["upload_url"], picture, "image/png")
    (stored,) = await person.taken({"source": answer["file_url"]})
    await inside.run_jobs("remove-temporary-upload")
    await put(person, answer["upload_url"], encoded(), "image/png")
    await expire(inside, answer["file_url"])
    assert (await person.get(answer["file_url"])).status_code == 404
    assert await person.taken({"source": answer["file_url"]}) == [stored]
