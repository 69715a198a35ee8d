"""The whole road through the gateway: from a picture on somebody's disk to approved ones in an archive."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import httpx
import pytest
import pyvips

from atelier_client import RefusedError
from atelier_client.models import CreateShotRevisionRequest, ProductPublic, ShotRevisionImageData
from demo.pictures import Picture
from demo.road import Delivered
from demo.shooting import newest_prediction
from house.front_door import House, Person, Tenant, eventually, refused
from house.road import HEIGHT, WIDTH, Walker, garments, walk_small, walking

PRODUCTS, SHOTS = "/api/v1/products/", "/api/v1/shots/"
TASKS = "/api/v1/products/export-tasks"
EXPORT = "/api/v1/products/export-approved-shots/async"
UPLOADS = "/api/v1/uploads/presigned-url"


class Walked:
    """A road that somebody of an organization has walked, and where it ended."""

    def __init__(self, tenant: Tenant, walker: Walker, delivered: Delivered) -> None:
        self.tenant, self.walker, self.delivered = tenant, walker, delivered
        self.shooting, self.shots = delivered.shooting, delivered.shooting.shots
        self.product = self.shots[0].product
        self.person: Person = tenant["member"]

    async def read_product(self) -> ProductPublic:
        """The first shot's, as it is now."""
        return await self.walker.products.read_product(self.product.id)

    def first(self, path: str) -> dict[str, Any]:
        """The first answer to a POST there."""
        return next(answer for asked, answer in self.walker.answered if asked == path)


@pytest.fixture(scope="module")
async def walked(
    house: House, here: Tenant, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Walked]:
    """Two looks of two shots each, all approved, one after it was rejected."""
    async with walking(house, here["member"], here.id) as walker:
        delivered = await walk_small(walker, 2, tmp_path_factory.mktemp("here"))
        yield Walked(here, walker, delivered)


async def anybody(url: str, **query: str) -> httpx.Response:
    """Fetch something without a login, redirects included."""
    async with httpx.AsyncClient(follow_redirects=True, timeout=40) as client:
        return await client.get(url, params=query or None)


async def test_the_archive_holds_one_file_for_each_approved_shot(walked: Walked) -> None:
    with ZipFile(walked.delivered.archive) as archive:
        members = archive.infolist()
        contents = {member.filename: archive.read(member) for member in members}
    assert sorted(contents) == [
        "Atelier_G-001_back_full_body_v1.webp",
        "Atelier_G-001_front_full_body_v2.webp",  # the first attempt was rejected
        "Atelier_G-002_back_full_body_v1.webp",
        "Atelier_G-002_front_full_body_v1.webp",
    ]
    assert {member.compress_type for member in members} == {ZIP_STORED}
    for content in contents.values():
        picture = pyvips.Image.new_from_buffer(content, "")
        assert (picture.width, picture.height) == (WIDTH, HEIGHT)
        assert picture.get("vips-loader") == "webpload_buffer"
        assert b"Garment" in bytes(picture.get("xmp-data"))


async def test_what_was_uploaded_is_what_anybody_with_the_address_fetches(walked: Walked) -> None:
    uploaded: Picture = walked.product.garment.front
    product = await walked.read_product()
    media = product.cover_image_media
    assert media is not None
    assert product.cover_image_url == media.url
    fetched = await anybody(media.url)
    assert fetched.content == uploaded.content
    assert fetched.headers["Content-Type"] == "image/jpeg"
    size = pyvips.Image.new_from_buffer(uploaded.content, "")
    assert (media.width, media.height, media.file_size) == (
        size.width,
        size.height,
        len(uploaded.content),
    )


async def test_a_file_is_there_by_its_path_in_another_format(house: House, walked: Walked) -> None:
    key = str((await walked.read_product()).cover_image_url).partition("/media/")[2]
    answer = await house.client().get(f"/files/media/{key}", params={"type": "webp"})
    assert answer.status_code == 302
    fetched = await anybody(answer.headers["Location"])
    assert pyvips.Image.new_from_buffer(fetched.content, "").get("vips-loader") == "webpload_buffer"
    for path in ("/files/media/../exports/a.zip", "/files/media/%2e%2e/a", "/files/media%2f..%2fa"):
        async with httpx.AsyncClient(base_url=house.stack.gateway_url) as client:
            assert (await client.get(path)).status_code in (404, 422)


async def test_uploads_are_gone_from_where_they_were_put(walked: Walked) -> None:
    places = [answer["file_url"] for path, answer in walked.walker.answered if path == UPLOADS]
    assert len(places) == 2 * 2 + 3 + 1  # both sides of two garments, the person's views and cover, the wall
    answers = await asyncio.gather(*(anybody(place) for place in places))
    assert {answer.status_code for answer in answers} == {404}


async def test_statuses_tell_that_it_is_finished(walked: Walked) -> None:
    shootings = walked.walker.shootings
    shooting = await shootings.read_shooting(walked.shooting.id)
    assert (shooting.status, shooting.shot_status) == ("APPROVED", "APPROVED")
    assert [look.shot_status for look in shooting.looks] == ["APPROVED"] * 2
    summary = await shootings.summarize_shootings(shooting_id=walked.shooting.id)
    assert (summary.total_products, summary.total_shooting_looks) == (2, 2)

    async def heard() -> bool:
        product = await walked.read_product()
        return bool(product.shot_status == "APPROVED" and product.shot_status_shooting_look_id)

    await eventually(heard)


async def test_the_rejected_attempt_stays_behind_the_approved_one(walked: Walked) -> None:
    shot = await walked.walker.shots.read_shot(walked.shots[0].id)
    attempts = {one.version: one for one in shot.revisions}
    assert {version: one.shot_revision_status for version, one in attempts.items()} == {
        1: "REJECTED",
        2: "APPROVED",
    }
    assert attempts[2].previous_revision_id == attempts[1].id
    assert shot.current_revision_id == attempts[2].id
    first, second = (str(attempts[version].effective_image_url) for version in (1, 2))
    assert (await anybody(first)).content != (await anybody(second)).content


async def test_a_downloaded_task_is_gone(walked: Walked) -> None:
    with pytest.raises(RefusedError) as refusal:
        await walked.walker.exports.read_export_task(walked.first(EXPORT)["id"])
    assert refusal.value.status == 404
    assert (await walked.walker.exports.list_export_tasks()).data == []


async def test_one_shot_is_downloaded_as_an_attachment(walked: Walked) -> None:
    fetched = await anybody(await walked.walker.downloads.download_shot(walked.shots[1].id))
    assert fetched.headers["Content-Disposition"].startswith("attachment")
    picture = pyvips.Image.new_from_buffer(fetched.content, "")
    assert (picture.width, picture.height) == (WIDTH, HEIGHT)


async def test_an_approved_shot_is_taken_up_again_with_an_upload_and_a_sketch(walked: Walked) -> None:
    shots, shot = walked.walker.shots, walked.shots[-1]
    picture = garments(9)[-1].front
    place = await shots.presign_revision_image(
        shot_id=shot.id, filename="retouched.jpg", content_type="image/jpeg"
    )
    await walked.walker.put(place.upload_url, picture.content, "image/jpeg")
    image = ShotRevisionImageData(source_type="UPLOAD", image_url=place.file_url, sketch_image_data=_sketch())
    body = CreateShotRevisionRequest(shot_status="REVIEW", notes="Warmer.", images=[image])
    shown = (await shots.create_shot_revision(shot.id, body=body)).images[0]
    assert (await anybody(str(shown.effective_image_url))).content == picture.content
    assert shown.sketch_image_media is not None
    assert shown.sketch_image_media.width == 8
    assert (await shots.approve_shot(shot.id)).status == "APPROVED"


async def test_another_tenant_sees_nothing_of_it(there: Tenant, walked: Walked) -> None:
    shot, product = walked.shots[0], walked.product
    paths = [path for path, _ in walked.walker.made()]
    paths += [f"{SHOTS}{shot.id}", f"{SHOTS}{shot.id}/download", f"{PRODUCTS}{product.id}/generations"]
    paths += [f"{PRODUCTS}{product.id}/shots", f"/api/v1/shootings/{walked.shooting.id}/looks"]
    for path in paths:
        refused(await there["owner"].http.get(path), 404)
    for path in ("/api/v1/shots/", "/api/v1/background-presets/", "/api/v1/shootings/"):
        refused(await there["owner"].http.get(path, params={"organization_id": walked.tenant.id}), 403)
        mine = await there["owner"].http.get(path, params={"organization_id": there.id})
        assert walked.tenant.id not in mine.text


async def test_another_tenant_changes_nothing_of_it(there: Tenant, walked: Walked) -> None:
    owner, shot = there["owner"].http, walked.shots[0]
    before = await walked.walker.shots.read_shot(shot.id)
    for step in ("generate", "approve", "reject"):
        refused(await owner.post(f"{SHOTS}{shot.id}/{step}"), 404)
    refused(await owner.post(f"{SHOTS}{shot.id}/revision", json={"shot_status": "REVIEW", "images": []}), 404)
    refused(await owner.put(f"{PRODUCTS}{walked.product.id}", json={"name": "Mine"}), 404)
    refused(await owner.delete(f"{PRODUCTS}{walked.product.id}"), 404)
    assert await walked.walker.shots.read_shot(shot.id) == before


async def test_another_tenant_can_use_nothing_of_it(there: Tenant, walked: Walked) -> None:
    owner = there["owner"]
    product = await walked.read_product()
    assert product.cover_image_media is not None
    stolen = [
        {"media_resource_id": str(product.cover_image_media.id)},
        {"url": (await _uploaded(walked))},
    ]
    for image in stolen:
        body = {"name": "Mine", "cover_image": image, "organization_id": there.id}
        refused(await owner.http.post(PRODUCTS, json=body), 422)
    mine = await owner.shooting(there.id)
    subject = walked.first("/api/v1/subjects/")["id"]
    shot_type = await walked.walker.shot_types.read_shot_type_by_name("front_full_body")
    looks = {
        "product_ids": [str(product.id)],
        "subject_ids": [subject],
        "shot_type_ids": [str(shot_type.id)],
    }
    refused(await owner.http.post(f"/api/v1/shootings/{mine['id']}/looks", json=looks), 422)
    export = {"product_ids": [str(product.id)]}
    answer = await owner.http.post(EXPORT, json=export, params={"organization_id": there.id})
    refused(answer, 422)


async def test_another_shots_prediction_makes_no_revision(walked: Walked) -> None:
    prediction = await newest_prediction(walked.walker, walked.shots[0])
    image = {"source_type": "PREDICTION", "prediction_id": str(prediction.id)}
    body = {"shot_status": "REVIEW", "images": [image]}
    refused(await walked.person.http.post(f"{SHOTS}{walked.shots[1].id}/revision", json=body), 422)


async def _uploaded(walked: Walked) -> str:
    """A finished upload of theirs that they haven't used yet."""
    picture = garments(8)[-1].front
    url = await walked.walker.upload(picture.content, "a.jpg", "image/jpeg")
    assert (await anybody(url)).content == picture.content
    return url


def _sketch() -> str:
    """A drawing as a browser's canvas gives it."""
    drawn = bytes(pyvips.Image.black(8, 8, bands=4).cast("uchar").pngsave_buffer())
    return f"data:image/png;base64,{base64.b64encode(drawn).decode()}"
