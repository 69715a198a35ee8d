"""Exports from the request to the file, with real pictures in real storage."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from PIL import Image

from atelier.export import deliveries
from atelier.export.tasks import work

TASKS = "/api/v1/products/export-tasks"

pytestmark = pytest.mark.usefixtures("working")


def opened(archive: bytes) -> dict[str, bytes]:
    """The files of an archive by name, each tested."""
    with zipfile.ZipFile(io.BytesIO(archive)) as found:
        assert found.testzip() is None
        assert all(info.compress_type == zipfile.ZIP_STORED for info in found.infolist())
        return {info.filename: found.read(info) for info in found.infolist()}


async def test_approved_shots_become_an_archive(world: Any) -> None:
    one, two = world.product(sku="A-1"), world.product(sku="B-2")
    for product in (one, two, two):
        await world.shot(product)
    await world.shot(one, status="REVIEW")
    asked = await world.ask(one, two)
    assert (asked["status"], asked["progress"], asked["download_url"]) == ("PENDING", 0, None)
    task = await world.ended(asked["id"])
    assert (task["status"], task["progress"], task["total_items"], task["processed_items"]) == (
        "COMPLETED",
        100,
        3,
        3,
    )
    assert task["download_url"] == f"{TASKS}/{task['id']}/download"
    assert task["started_at"] <= task["completed_at"] < task["expires_at"]
    archive, _ = await world.archive(task["id"])
    files = opened(archive)
    assert sorted(files) == [
        "Acme_A-1_front_full_body_v1.webp",
        "Acme_B-2_front_full_body_v1-2.webp",
        "Acme_B-2_front_full_body_v1.webp",
    ]
    for body in files.values():
        assert Image.open(io.BytesIO(body)).size == (64, 48)


async def test_every_field_of_a_task_is_answered(world: Any) -> None:
    product = world.product()
    await world.shot(product)
    asked = await world.ask(product)
    assert asked.keys() == {
        "id", "created_at", "updated_at", "owner_id", "task_type", "status", "progress", "total_items",
        "processed_items", "download_url", "error_message", "started_at", "completed_at", "expires_at",
    }  # fmt: skip
    assert (asked["owner_id"], asked["task_type"]) == (str(world.user.user_id), "APPROVED_SHOTS")
    task = await world.ended(asked["id"])
    assert (await world.client.get(TASKS)).json() == {"data": [task], "count": 1}


async def test_events_tell_of_each_step_and_the_size(world: Any) -> None:
    product = world.product()
    await world.shot(product)
    task = await world.ended((await world.ask(product))["id"])
    told = await world.told(task["id"])
    assert told[0] == "ExportRequested"
    assert told[-1] == "ExportCompleted"
    assert set(told[1:-1]) == {"ExportProgressed"}
    [row] = await world.sql("SELECT archive_size FROM export_tasks WHERE id = :id", id=UUID(task["id"]))
    archive, _ = await world.archive(task["id"])
    assert row.archive_size == len(archive)
    assert (await world.told(task["id"]))[-1] == "ExportDeleted"


async def test_a_look_and_a_shooting_narrow_what_is_exported(world: Any) -> None:
    product, shooting = world.product(), world.shooting()
    look = world.look(product, shooting.id)
    await world.shot(product, look_id=look.id, shooting_id=shooting.id)
    await world.shot(product, shooting_id=shooting.id)
    await world.shot(product)
    of_look = await world.ended((await world.ask(shooting_look_id=str(look.id)))["id"])
    of_shooting = await world.ended((await world.ask(product, shooting_id=str(shooting.id)))["id"])
    of_product = await world.ended((await world.ask(product))["id"])
    assert [task["total_items"] for task in (of_look, of_shooting, of_product)] == [1, 2, 3]


async def test_more_pictures_than_a_page_are_all_there(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "PAGE", 10)
    monkeypatch.setattr(work, "PAGE", 8)
    product, image = world.product(), None
    for _ in range(25):
        shot = await world.shot(product, **({"image": image} if image else {}))
        image = shot.image
    task = await world.ended((await world.ask(product))["id"], within=60)
    assert (task["status"], task["total_items"]) == ("COMPLETED", 25)
    archive, _ = await world.archive(task["id"])
    assert len(opened(archive)) == 25


async def test_an_unchanged_export_converts_nothing_again(world: Any) -> None:
    product = world.product()
    for _ in range(3):
        await world.shot(product)
    first = await world.ended((await world.ask(product))["id"])
    keys = await world.sql("SELECT key FROM renditions ORDER BY key")
    second = await world.ended((await world.ask(product))["id"])
    assert await world.sql("SELECT key FROM renditions ORDER BY key") == keys
    (one, _), (two, _) = await world.archive(first["id"]), await world.archive(second["id"])
    assert opened(one) == opened(two)


async def test_new_metadata_is_a_new_picture(world: Any) -> None:
    product = world.product()
    shot = await world.shot(product)
    await world.ended((await world.ask(product))["id"])
    [before] = await world.sql("SELECT count(*) AS n FROM renditions")
    renamed = product.model_copy(update={"name": "Parka"})
    world.production.shots[shot.shot_id] = shot.model_copy(update={"product": renamed})
    await world.ended((await world.ask(product))["id"])
    [after] = await world.sql("SELECT count(*) AS n FROM renditions")
    assert after.n == before.n + 1


async def test_names_are_safe_and_unique_inside_an_archive(world: Any) -> None:
    skus = [
        "../../etc/passwd",
        "a\u202egpj",
        "x" * 400,
        "日本",
        "a/b\\c:d",
        "case",
        "CASE",
        "é",
        "e\u0301",
        None,
    ]
    for sku in skus:
        await world.shot(world.product(sku=sku, brand="CON"))
    products = [
        shot.product for shot in world.production.shots.values() if shot.owner_id == world.user.user_id
    ]
    task = await world.ended((await world.ask(*products))["id"])
    archive, _ = await world.archive(task["id"])
    names = list(opened(archive))
    assert len({name.casefold() for name in names}) == len(skus)
    for name in names:
        assert ".." not in name
        assert not set(name) & set("/\\:\u202e")
        assert len(name.encode()) <= 200
    assert any("日本" in name for name in names)
    assert any("_unknown_" in name for name in names)


async def test_nothing_approved_fails_and_says_so(world: Any) -> None:
    product = world.product()
    await world.shot(product, status="REVIEW")
    task = await world.ended((await world.ask(product))["id"])
    assert (task["status"], task["download_url"]) == ("FAILED", None)
    assert "none of these shots is approved" in task["error_message"]
    assert await world.left(task["id"]) == []


@pytest.mark.parametrize("body", [b"no picture", b"", b"\xff\xd8\xff\xe0 cut off"])
async def test_a_picture_that_cant_be_read_fails_the_export_and_is_named(world: Any, body: bytes) -> None:
    product = world.product(sku="BAD")
    await world.shot(product)
    bad = await world.shot(product, image=await world.media(body))
    task = await world.ended((await world.ask(product))["id"])
    assert task["status"] == "FAILED"
    assert "Acme_BAD_front_full_body_v1" in task["error_message"]
    assert str(bad.shot_id) in task["error_message"]
    assert await world.left(task["id"]) == []


async def test_a_file_that_is_gone_fails_the_export(world: Any) -> None:
    product = world.product()
    shot = await world.shot(product)
    await world.storage.delete(shot.image.key)
    task = await world.ended((await world.ask(product))["id"])
    assert (task["status"], "isn't stored any more" in task["error_message"]) == ("FAILED", True)


async def test_a_downloaded_task_is_gone_and_its_archive_resumable_for_an_hour(world: Any) -> None:
    product = world.product()
    await world.shot(product)
    task = await world.ended((await world.ask(product))["id"])
    archive, url = await world.archive(task["id"])
    path = f"{TASKS}/{task['id']}"
    for answer in (await world.client.get(path), await world.client.get(f"{path}/download")):
        assert answer.status_code == 404
    async with httpx.AsyncClient() as anybody:
        rest = await anybody.get(url, headers={"Range": "bytes=100-"})
        head = await anybody.get(url)
    assert (rest.status_code, rest.content) == (206, archive[100:])
    assert head.headers["content-length"] == str(len(archive))
    assert head.headers["content-disposition"].startswith('attachment; filename="approved-shots-')
    assert head.headers["content-type"] == "application/zip"
    [delay] = await world.sql(
        "SELECT run_at - created_at AS wait FROM jobs WHERE kind = 'remove-export' AND key = :id",
        id=task["id"],
    )
    assert delay.wait.total_seconds() == pytest.approx(3600, abs=5)
    await world.hurry("remove-export", task["id"])
    await world.finished("remove-export", task["id"])
    assert await world.left(task["id"]) == []


async def test_a_task_expires_with_its_archive(world: Any) -> None:
    product = world.product()
    await world.shot(product)
    task = await world.ended((await world.ask(product))["id"])
    assert await world.left(task["id"])
    await world.hurry("expire-export", task["id"])
    await world.finished("expire-export", task["id"])
    await world.finished("remove-export", task["id"])
    assert await world.left(task["id"]) == []
    assert (await world.client.get(f"{TASKS}/{task['id']}")).status_code == 404
    assert (await world.told(task["id"]))[-1] == "ExportDeleted"


async def test_a_dismissed_task_goes_with_its_archive(world: Any) -> None:
    product = world.product()
    await world.shot(product)
    task = await world.ended((await world.ask(product))["id"])
    path = f"{TASKS}/{task['id']}"
    assert (await world.client.delete(path)).status_code == 409
    assert (await world.client.delete(f"{path}/dismiss")).status_code == 204
    assert (await world.client.get(path)).status_code == 404
    await world.finished("remove-export", task["id"])
    assert await world.left(task["id"]) == []


async def test_only_what_belongs_to_the_scope_is_exported(world: Any) -> None:
    from atelier.contracts.organizations import Role

    organization = uuid4()
    world.user = type(world.user)(user_id=world.user.user_id, organizations={organization: Role.MEMBER})
    public = world.product(public=True)
    await world.shot(public)
    await world.shot(public, organization_id=organization)
    await world.shot(public, owner_id=uuid4())
    mine = await world.ended((await world.ask(public))["id"])
    answer = await world.client.post(
        f"/api/v1/products/export-approved-shots/async?organization_id={organization}",
        json={"product_ids": [str(public.id)]},
    )
    ours = await world.ended(answer.json()["id"])
    assert (mine["total_items"], ours["total_items"]) == (1, 1)
