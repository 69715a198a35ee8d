"""Ingest: every way to name a picture, and what is known of it afterwards."""

from __future__ import annotations

import base64
import hashlib
import zlib
from typing import Any
from uuid import uuid4

import pytest
import pyvips
from media_pictures import encoded, image

from atelier.contracts.organizations import Role
from atelier.runtime.auth import Principal


def in_a_url(picture: bytes, content_type: str = "image/png") -> str:
    return f"data:{content_type};base64,{base64.b64encode(picture).decode()}"


async def test_an_upload_becomes_a_resource(person: Any, media: Any, inside: Any, storage: Any) -> None:
    picture = encoded(made=image(40, 30))
    url = await person.upload(picture)
    (stored,) = await person.taken({"source": url, "alt_text": "A shirt", "caption": "Red"})
    assert stored["key"] == f"media/{stored['id']}/file.png"
    assert {name: stored[name] for name in ("content_type", "extension", "resource_type")} == {
        "content_type": "image/png", "extension": "png", "resource_type": "IMAGE",
    }  # fmt: skip
    assert stored["content_hash"] == hashlib.md5(picture).hexdigest()
    assert stored["sha256"] == hashlib.sha256(picture).hexdigest()
    assert (stored["crc32"], stored["file_size"]) == (zlib.crc32(picture), len(picture))
    assert (stored["width"], stored["height"], stored["aspect_ratio"]) == (40, 30, 1.3333)
    assert (stored["orientation"], stored["dominant_color"]) == ("landscape", "#c81e3c")
    assert (stored["protected"], stored["alt_text"], stored["caption"]) == (False, "A shirt", "Red")
    assert stored["duration"] is None
    shown = await person.get(f"{media.settings.cdn_url}/{stored['key']}")
    assert (shown.status_code, shown.content, shown.headers["content-type"]) == (200, picture, "image/png")
    assert await inside.events(stored["id"]) == ["MediaIngested"]
    assert await inside.attached(stored["id"]) == [("PRODUCT", "cover_image", None, False)]
    await inside.run_jobs("remove-temporary-upload")
    assert (await person.get(url)).status_code == 404


@pytest.mark.parametrize("content_type", ["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"])
async def test_all_kinds_of_pictures_are_taken(person: Any, content_type: str) -> None:
    picture = encoded(content_type)
    (stored,) = await person.taken({"source": await person.upload(picture, content_type)})
    assert (stored["content_type"], stored["width"], stored["height"]) == (content_type, 40, 30)


async def test_data_urls_base64_and_ids_name_pictures_too(person: Any) -> None:
    one, two = encoded(), encoded("image/jpeg")
    first, second = await person.taken(
        {"source": in_a_url(one)}, {"source": base64.b64encode(two).decode().rstrip("=")}
    )
    assert (first["extension"], second["extension"]) == ("png", "jpg")
    (again,) = await person.taken({"media_resource_id": first["id"]})
    assert again == first


async def test_our_own_urls_name_resources_that_are_there(person: Any, media: Any) -> None:
    (stored,) = await person.taken({"source": in_a_url(encoded())})
    (again,) = await person.taken({"source": f"{media.settings.cdn_url}/{stored['key']}"})
    assert again == stored


async def test_the_presigned_url_itself_names_its_upload(person: Any) -> None:
    picture = encoded()
    answer = (await person.presign(file_size=len(picture))).json()
    await person.plain.put(answer["upload_url"], content=picture, headers={"Content-Type": "image/png"})
    (stored,) = await person.taken({"source": answer["upload_url"]})
    assert stored["sha256"] == hashlib.sha256(picture).hexdigest()


async def test_a_batch_keeps_its_order(person: Any) -> None:
    pictures = [encoded() for _ in range(12)]
    stored = await person.taken(*({"source": in_a_url(one)} for one in pictures))
    assert [one["sha256"] for one in stored] == [hashlib.sha256(one).hexdigest() for one in pictures]


@pytest.mark.parametrize(
    ("turned", "size", "lies"),
    [
        (1, (40, 30), "landscape"),
        (3, (40, 30), "landscape"),
        (6, (30, 40), "portrait"),
        (8, (30, 40), "portrait"),
    ],
)
async def test_sizes_are_those_that_are_shown(person: Any, turned: int, size: Any, lies: str) -> None:
    made = image(40, 30)
    made = made.copy()
    made.set_type(pyvips.GValue.gint_type, "orientation", turned)
    (stored,) = await person.taken({"source": in_a_url(encoded("image/jpeg", made), "image/jpeg")})
    assert ((stored["width"], stored["height"]), stored["orientation"]) == (size, lies)


async def test_square_pictures_and_their_profile(person: Any) -> None:
    made = image(32, 32).icc_transform("p3", input_profile="srgb")
    (stored,) = await person.taken(
        {"source": in_a_url(encoded("image/jpeg", made, profile="p3"), "image/jpeg")}
    )
    assert (stored["orientation"], stored["aspect_ratio"]) == ("square", 1.0)
    assert "P3" in stored["color_profile"]


async def test_animations_are_one_frame_high(person: Any) -> None:
    frames = pyvips.Image.arrayjoin([image(20, 10, (n * 80, 9, 9)) for n in range(3)], across=1)
    frames = frames.copy()
    frames.set_type(pyvips.GValue.gint_type, "page-height", 10)
    (stored,) = await person.taken({"source": in_a_url(encoded("image/gif", frames), "image/gif")})
    assert (stored["width"], stored["height"]) == (20, 10)


async def test_the_same_content_is_stored_once_in_a_tenant(person: Any, inside: Any, storage: Any) -> None:
    picture = encoded()
    first, twin = await person.taken({"source": in_a_url(picture)}, {"source": in_a_url(picture)})
    url = await person.upload(picture)
    (again,) = await person.taken({"source": url, "alt_text": "Now with text", "protected": True})
    assert first["id"] == twin["id"] == again["id"]
    assert (again["alt_text"], again["protected"]) == ("Now with text", True)
    (unsaid,) = await person.taken({"source": in_a_url(picture)})
    assert (unsaid["alt_text"], unsaid["protected"]) == ("Now with text", True)
    assert await inside.events(first["id"]) == ["MediaIngested", "MediaUpdated"]
    assert len(await inside.attached(first["id"])) == 4
    await inside.run_jobs("remove-temporary-upload")
    assert (await person.get(url)).status_code == 404
    stored = [one.key async for one in storage.list(f"media/{first['id']}/")]
    assert stored == [first["key"]]


async def test_tenants_share_nothing(person_of: Any) -> None:
    organization, picture = uuid4(), encoded()
    principal = Principal(user_id=uuid4(), organizations={organization: Role.MEMBER})
    own, shared = person_of(principal), person_of(principal, organization)
    stranger = person_of(Principal(user_id=uuid4()))
    stored = [(await one.taken({"source": in_a_url(picture)}))[0] for one in (own, shared, stranger)]
    assert len({one["id"] for one in stored}) == 3
    colleague = person_of(Principal(user_id=uuid4(), organizations={organization: Role.MEMBER}), organization)
    (same,) = await colleague.taken({"source": in_a_url(picture)})
    assert same["id"] == stored[1]["id"]


async def test_another_tenants_resource_is_as_unknown_as_none(
    person: Any, person_of: Any, media: Any
) -> None:
    organization = uuid4()
    principal = Principal(user_id=person.principal.user_id, organizations={organization: Role.OWNER})
    (stored,) = await person.taken({"source": in_a_url(encoded())})
    unknown = str(uuid4())
    for other in (person_of(Principal(user_id=uuid4())), person_of(principal, organization)):
        answers = [
            (await other.ingest(item)).json()
            for item in (
                {"media_resource_id": stored["id"]},
                {"media_resource_id": unknown},
                {"source": f"{media.settings.cdn_url}/{stored['key']}"},
                {"source": f"{media.settings.cdn_url}/media/{unknown}/file.png"},
                {"source": f"{media.settings.cdn_url}/media/{stored['id']}/../x"},
                {"source": f"{media.settings.cdn_url}/exports/{unknown}/a.zip"},
            )
        ]
        assert all(answer == answers[0] for answer in answers)
        assert answers[0]["detail"][0]["type"] == "unknown_id"


async def test_an_upload_is_only_for_who_asked_for_it(person: Any, person_of: Any) -> None:
    url = await person.upload(encoded())
    organization = uuid4()
    for other in (
        person_of(Principal(user_id=uuid4())),
        person_of(Principal(user_id=uuid4(), superuser=True)),
        person_of(Principal.of_service("generation")),
        person_of(Principal(user_id=uuid4(), organizations={organization: Role.OWNER}), organization),
    ):
        answer = await other.ingest(
            {"source": url}, owner_id=other.principal.user_id or person.principal.user_id
        )
        assert answer.status_code == 422, other.principal
        assert answer.json()["detail"][0]["type"] == "unknown_id"
    await person.taken({"source": url})


async def test_the_same_upload_is_the_same_resource_again(person: Any, inside: Any, person_of: Any) -> None:
    url = await person.upload(encoded())
    (first,) = await person.taken({"source": url})
    await inside.run_jobs("remove-temporary-upload")
    (again,) = await person.taken({"source": url})
    assert again == first
    organization = uuid4()
    elsewhere = Principal(user_id=person.principal.user_id, organizations={organization: Role.OWNER})
    answer = await person_of(elsewhere, organization).ingest({"source": url})
    assert answer.status_code == 422


async def test_bytes_that_are_put_again_afterwards_change_nothing(
    person: Any, storage: Any, inside: Any
) -> None:
    answer = (await person.presign()).json()
    picture = encoded()
    for body in (picture, encoded()):
        headers = {"Content-Type": "image/png"}
        put = await person.plain.put(answer["upload_url"], content=body, headers=headers)
        assert put.status_code == 200
        (stored,) = await person.taken({"source": answer["file_url"]})
        assert stored["sha256"] == hashlib.sha256(picture).hexdigest()
    assert (await person.get(f"{answer['file_url'].split('/temp/')[0]}/{stored['key']}")).content == picture


async def test_only_who_may_create_in_the_tenant_may_store_for_it(person_of: Any, person: Any) -> None:
    organization = uuid4()
    viewer = person_of(Principal(user_id=uuid4(), organizations={organization: Role.VIEWER}), organization)
    assert (await viewer.ingest({"source": in_a_url(encoded())})).status_code == 403
    other = await person.ingest({"source": in_a_url(encoded())}, owner_id=uuid4())
    assert other.status_code == 403
    assert (await person_of(Principal.anonymous()).ingest({"source": "x"})).status_code == 401
    service = person_of(Principal.of_service("generation"))
    answer = await service.ingest({"source": in_a_url(encoded())}, owner_id=person.principal.user_id)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "items", [[], [{}], [{"source": "a", "media_resource_id": str(uuid4())}], [{"source": ""}]]
)
async def test_an_item_names_exactly_one_source(person: Any, items: Any) -> None:
    assert (await person.ingest(*items)).status_code == 422


async def test_a_refused_batch_stores_nothing_and_names_each_culprit(
    person: Any, inside: Any, storage: Any
) -> None:
    before = {one.key async for one in storage.list("media/")}
    url, lost = await person.upload(encoded()), (await person.presign()).json()["file_url"]
    answer = await person.ingest(
        {"source": url}, {"source": in_a_url(encoded())}, {"source": lost}, {"source": "file:///etc/passwd"}
    )
    assert answer.status_code == 422
    assert [problem["loc"] for problem in answer.json()["detail"]] == [
        ["body", "items", 2],
        ["body", "items", 3],
    ]
    assert {one.key async for one in storage.list("media/")} == before
    counted = "SELECT count(*) FROM media_resources WHERE owner_id = :id"
    assert await inside.rows(counted, id=person.principal.user_id) == [(0,)]
    await person.taken({"source": url})


async def test_uploads_are_held_to_what_was_announced(person: Any, media: Any, monkeypatch: Any) -> None:
    jpeg = encoded("image/jpeg")
    assert "announced as image/png, but is image/jpeg" in await person.refused(await person.upload(jpeg))
    assert "announced as image/gif" in await person.refused(in_a_url(jpeg, "image/gif"))
    assert "Nothing is uploaded" in await person.refused((await person.presign()).json()["file_url"])


async def test_an_upload_of_another_size_is_refused(person: Any, inside: Any) -> None:
    url = await person.upload(encoded())
    key = url[url.index("temp/") :]
    await inside.rows("UPDATE temporary_uploads SET file_size = 7 WHERE key = :key", key=key)
    assert "7 bytes were announced" in await person.refused(url)


async def test_an_upload_without_announced_size_is_held_to_the_limit(
    person: Any, media: Any, storage: Any
) -> None:
    url = await person.upload(b"\x89PNG\r\n\x1a\n" + bytes(media.settings.max_file_bytes))
    assert "larger than" in await person.refused(url)


async def test_inline_pictures_are_bounded_before_they_are_decoded(person: Any, media: Any) -> None:
    body = "A" * (media.settings.max_inline_bytes * 4 // 3 + 100)
    for source in (body, f"data:image/png;base64,{body}"):
        assert (await person.ingest({"source": source})).status_code == 413


@pytest.mark.parametrize(
    "source", ["not base64!", "data:image/png,abc", "data:image/png;base64,%%%", "a", "ä"]
)
async def test_bad_base64_is_422(person: Any, source: str) -> None:
    assert "base64" in await person.refused(source)


OTHERS = [
    ("application/zip", b"PK\3\4" + bytes(30)),
    ("application/pdf", b"%PDF-1.7\n"),
    ("video/mp4", b"\0\0\0\x18ftypisom" + bytes(12)),
    ("audio/mpeg", b"ID3\4" + bytes(9)),
]


@pytest.mark.parametrize(("content_type", "body"), OTHERS)
async def test_other_files_are_no_pictures(person: Any, content_type: str, body: bytes) -> None:
    refused = await person.refused(await person.upload(body, content_type))
    assert "only JPEG, PNG, WebP, GIF and AVIF are taken" in refused
