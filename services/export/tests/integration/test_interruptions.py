"""Exports that are cancelled, killed, raced and left alone."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
import time
import zipfile
from typing import Any
from uuid import UUID

import psutil
import pytest

from atelier.contracts.organizations import Role
from atelier.export.archives import use_cases as archives
from atelier.export.tasks.watching import LOOK_EVERY
from atelier.runtime.auth import Principal
from atelier.runtime.storage import Multipart

TASKS = "/api/v1/products/export-tasks"
BIG = 4000, 3000


def converting() -> bool:
    """Whether a process is at work on a picture; one that was just started doesn't have libvips yet."""
    return any(_converts(child) for child in psutil.Process().children(recursive=True))


def _converts(process: psutil.Process) -> bool:
    try:
        loaded = any("libvips" in mapped.path for mapped in process.memory_maps())
        return loaded and process.cpu_percent(0.1) > 10
    except psutil.Error:
        return False


async def processing(world: Any, id_: str) -> bool:
    """Whether the task's list is there and its pictures are being converted."""
    task = await world.task(id_)
    return task["status"] == "PROCESSING" and task["total_items"] > 0


@pytest.fixture
def writing(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Archives whose parts are on their way and that are never whole; set once one is being written."""
    begun, real = asyncio.Event(), archives.content

    async def endless(*arguments: Any) -> Any:
        async for piece in real(*arguments):
            yield piece + bytes(archives.PART)
            begun.set()
        await asyncio.sleep(60)

    monkeypatch.setattr(archives, "content", endless)
    return begun


@pytest.mark.usefixtures("working")
async def test_cancelling_stops_the_conversions_within_two_seconds(
    world: Any, noise: Any, until: Any
) -> None:
    product, image = world.product(), await world.media(noise(*BIG))
    for _ in range(4):
        await world.shot(product, image=image)
    id_ = (await world.ask(product))["id"]
    await until(lambda: processing(world, id_))
    await until(lambda: asyncio.to_thread(converting))
    answer = await world.client.delete(f"{TASKS}/{id_}")
    cancelled = time.monotonic()
    assert (answer.status_code, answer.json()["status"], answer.json()["download_url"]) == (
        200,
        "CANCELLED",
        None,
    )
    await world.finished("export", id_, within=2)
    assert time.monotonic() - cancelled < 2
    assert not await asyncio.to_thread(converting)
    assert await world.left(id_) == []
    assert (await world.told(id_))[-1] == "ExportCancelled"
    assert (await world.client.delete(f"{TASKS}/{id_}/dismiss")).status_code == 204


@pytest.mark.usefixtures("working")
async def test_cancelling_while_the_archive_is_written_leaves_nothing(
    world: Any, writing: asyncio.Event
) -> None:
    product = world.product()
    await world.shot(product)
    id_ = (await world.ask(product))["id"]
    await asyncio.wait_for(writing.wait(), 60)
    assert await world.left(id_)
    assert (await world.client.delete(f"{TASKS}/{id_}")).status_code == 200
    await world.finished("export", id_, within=2)
    assert await world.left(id_) == []


@pytest.mark.usefixtures("working")
async def test_a_worker_that_lost_its_lease_stops_and_changes_nothing(
    world: Any, writing: asyncio.Event, until: Any
) -> None:
    product = world.product()
    await world.shot(product)
    id_ = (await world.ask(product))["id"]
    await asyncio.wait_for(writing.wait(), 60)
    another = "UPDATE jobs SET lease_epoch = lease_epoch + 1, leased_until = now() + interval '1 hour'"
    await world.sql(f"{another} WHERE kind = 'export' AND key = :id", id=id_)
    before = await world.told(id_)

    async def stopped() -> bool:
        return await world.left(id_) == []

    await until(stopped)
    assert ((await world.task(id_))["status"], await world.told(id_)) == ("PROCESSING", before)


@pytest.mark.usefixtures("working")
async def test_a_worker_that_stood_still_leaves_the_archive_of_its_successor_alone(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is stopped right before it removes what earlier ones left; meanwhile a later one is through."""
    real, through, product = archives.discard, asyncio.Event(), world.product()
    await world.shot(product)

    async def late(storage: Any, prefix: str, *rest: Any) -> None:
        await world.sql("UPDATE jobs SET lease_epoch = 100 WHERE kind = 'export' AND key = :id", id=id_)
        await storage.put(f"{prefix}0.zip", b"left behind", "application/zip")
        await storage.put(f"{prefix}99.zip", b"whole", "application/zip")
        await storage.multipart(f"{prefix}100.zip", "application/zip")
        await real(storage, prefix, *rest)
        through.set()

    monkeypatch.setattr(archives, "discard", late)
    id_ = (await world.ask(product))["id"]
    await asyncio.wait_for(through.wait(), 60)
    assert sorted(await world.left(id_)) == [f"exports/{id_}/99.zip", f"upload of exports/{id_}/100.zip"]


@pytest.mark.usefixtures("working")
async def test_an_archive_that_gets_whole_after_its_task_was_dismissed_goes_too(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The storage is already putting the parts together, and can't be stopped from it."""
    whole, product = asyncio.Event(), world.product()
    await world.shot(product)

    async def slowly(upload: Multipart) -> None:
        assert (await world.client.delete(f"{TASKS}/{id_}")).status_code == 200
        assert (await world.client.delete(f"{TASKS}/{id_}/dismiss")).status_code == 204
        await world.finished("remove-export", id_)
        await asyncio.sleep(2 * LOOK_EVERY)
        await upload.storage.put(upload.key, b"whole", "application/zip")
        whole.set()

    async def unstoppably(upload: Multipart) -> None:
        await asyncio.shield(asyncio.create_task(slowly(upload)))

    monkeypatch.setattr(Multipart, "complete", unstoppably)
    id_ = (await world.ask(product))["id"]
    await asyncio.wait_for(whole.wait(), 60)
    await world.finished("export", id_)
    assert await world.left(id_) == []


@pytest.mark.usefixtures("working")
async def test_a_cancel_that_races_the_completion_leads_to_one_end(world: Any, until: Any) -> None:
    product = world.product()
    await world.shot(product)
    await world.ended((await world.ask(product))["id"])
    ends = set()
    for attempt in range(5):
        id_ = (await world.ask(product))["id"]
        await asyncio.sleep(0.03 * attempt)
        answer = await world.client.delete(f"{TASKS}/{id_}")
        task = await world.ended(id_)
        await world.finished("export", id_)
        assert (answer.status_code == 200) == (task["status"] == "CANCELLED")
        told = await world.told(id_)
        assert [one for one in told if one in ("ExportCompleted", "ExportCancelled")] == [told[-1]]
        assert len(await world.left(id_)) == (task["status"] == "COMPLETED")
        ends.add(task["status"])
    assert "CANCELLED" in ends


async def test_another_worker_finishes_what_a_killed_one_began(
    world: Any, worker_of: Any, noise: Any, until: Any
) -> None:
    product = world.product()
    image = await world.media(noise(1200, 900))
    for _ in range(6):
        await world.shot(product, image=image)
    id_ = (await world.ask(product))["id"]
    process = await _serve(world)
    try:
        await until(lambda: _converted(world, id_, 2), 150)
        asked = world.production.asked
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()
    kept = await _renditions(world, id_)
    upload = await world.storage.multipart(f"exports/{id_}/0.zip", "application/zip")
    await upload.part(1, b"left behind")
    worker = worker_of(world.service)
    running = asyncio.create_task(worker.run())
    task = await world.ended(id_)
    await worker.stop()
    await running
    assert (task["status"], task["total_items"]) == ("COMPLETED", 6)
    assert kept <= await _renditions(world, id_)
    assert world.production.asked == asked, "the list was kept"
    assert [name.rpartition(".")[2] for name in await world.left(id_)] == ["zip"]
    archive, _ = await world.archive(id_)
    with zipfile.ZipFile(io.BytesIO(archive)) as read:
        assert (read.testzip(), len(read.infolist())) == (None, 6)


async def _serve(world: Any) -> asyncio.subprocess.Process:
    """A process of its own that does nothing but jobs, with a short lease."""
    settings = world.service.settings
    environment = {
        "EXPORT_DATABASE_URL": settings.database_url.get_secret_value(),
        "EXPORT_ROLES": "jobs",
        "EXPORT_PORT": "0",
        "INTERNAL_TOKEN_SECRET": settings.internal_token_secret.get_secret_value(),
        "KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "PRODUCTION_URLS": ",".join(settings.production_urls),
        "CDN_URL": settings.cdn_url,
        "S3_ENDPOINT_URL": settings.s3_endpoint_url,
        "S3_BUCKET": settings.s3_bucket,
        "AWS_ACCESS_KEY_ID": settings.s3_access_key.get_secret_value(),
        "AWS_SECRET_ACCESS_KEY": settings.s3_secret_key.get_secret_value(),
        "JOB_LEASE": "2",
    }
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "atelier.export", "serve", env={**os.environ, **environment}
    )


async def _renditions(world: Any, id_: str) -> set[str]:
    """Keys of the task's pictures that are converted."""
    rows = await world.sql(
        "SELECT key FROM renditions JOIN export_items USING (digest) WHERE task_id = :id", id=UUID(id_)
    )
    return {row.key for row in rows}


async def _converted(world: Any, id_: str, count: int) -> bool:
    return len(await _renditions(world, id_)) >= count


@pytest.mark.usefixtures("working")
async def test_it_waits_for_production_and_goes_on(world: Any, until: Any) -> None:
    product = world.product()
    await world.shot(product)
    world.production.away = True
    id_ = (await world.ask(product))["id"]

    async def retrying() -> bool:
        return bool((await world.task(id_))["status"] == "RETRYING")

    await until(retrying)
    job = await world.job("export", id_)
    assert (job.finished_at, "production" in job.last_error) == (None, True)
    world.production.away = False
    assert (await world.ended(id_))["status"] == "COMPLETED"


async def test_it_waits_for_the_storage(
    make_service: Any, world: Any, worker_of: Any, production: Any, other_services: Any, until: Any
) -> None:
    from atelier.export.bootstrap import declare
    from atelier.export.settings import Settings

    product = world.product()
    await world.shot(product)
    urls = (other_services.url,)
    world.service = await make_service(
        declare,
        Settings,
        catalog_urls=urls,
        production_urls=(production.url,),
        s3_endpoint_url="http://127.0.0.1:9",
        internal_token_secret=world.service.settings.internal_token_secret,
    )
    worker = worker_of(world.service)
    running = asyncio.create_task(worker.run())
    id_ = (await world.ask(product))["id"]

    async def retrying() -> bool:
        return bool((await world.task(id_))["status"] == "RETRYING")

    await until(retrying)
    assert (await world.client.delete(f"{TASKS}/{id_}")).status_code == 200
    await worker.stop()
    await running


@pytest.mark.usefixtures("working")
async def test_a_converted_picture_that_went_missing_is_made_anew(world: Any) -> None:
    product = world.product()
    await world.shot(product)
    await world.ended((await world.ask(product))["id"])
    [row] = await world.sql("SELECT key FROM renditions ORDER BY created_at DESC LIMIT 1")
    await world.storage.delete(row.key)
    task = await world.ended((await world.ask(product))["id"])
    assert task["status"] == "COMPLETED"
    archive, _ = await world.archive(task["id"])
    with zipfile.ZipFile(io.BytesIO(archive)) as read:
        assert read.testzip() is None


@pytest.mark.usefixtures("working")
async def test_an_error_that_nobody_foresaw_ends_the_task_after_some_tries(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(archives, "content", broken)
    product = world.product()
    await world.shot(product)
    id_ = (await world.ask(product))["id"]
    await world.sql("UPDATE jobs SET attempts = 10 WHERE key = :id", id=id_)
    task = await world.ended(id_)
    assert (task["status"], "nobody" in task["error_message"]) == ("FAILED", False)
    assert await world.left(id_) == []


@pytest.mark.usefixtures("working")
async def test_unused_pictures_and_strays_are_swept(world: Any, until: Any) -> None:
    product = world.product()
    await world.shot(product)
    await world.ended((await world.ask(product))["id"])
    [row] = await world.sql("SELECT key FROM renditions ORDER BY created_at DESC LIMIT 1")
    stray = "renditions/01a20b31-0000-7000-8000-000000000120.webp"
    await world.storage.put(stray, b"left by a killed worker", "image/webp")
    await world.sql(
        "UPDATE renditions SET used_at = now() - interval '31 days' WHERE key = :key", key=row.key
    )
    await world.sql(
        "INSERT INTO jobs (kind, key, payload) VALUES ('sweep-renditions', 'renditions', '{}') "
        "ON CONFLICT (kind, key) DO UPDATE SET run_at = now(), leased_until = NULL"
    )

    async def swept() -> bool:
        return await world.storage.head(row.key) is None

    await until(swept)
    assert await world.sql("SELECT 1 FROM renditions WHERE key = :key", key=row.key) == []
    assert await world.storage.head(stray) is not None, "it may just be being made"
    job = await world.job("sweep-renditions", "renditions")
    assert job.finished_at is None, "it goes on for ever"


@pytest.mark.usefixtures("working")
async def test_an_organizations_end_makes_its_tasks_the_last_owners(world: Any, until: Any) -> None:
    organization, last_owner = world.product().id, world.shooting().id
    world.user = Principal(user_id=world.user.user_id, organizations={organization: Role.MEMBER})
    answer = await world.client.post(
        "/api/v1/products/export-approved-shots/async",
        params={"organization_id": str(organization)},
        json={"product_ids": [str(world.product(organization).id)]},
    )
    id_ = answer.json()["id"]
    await world.ended(id_)
    payload = f'{{"organization_id": "{organization}", "owner_id": "{last_owner}"}}'
    await world.sql(
        "INSERT INTO jobs (kind, key, payload) "
        "VALUES ('release-organization', :key, CAST(:payload AS jsonb))",
        key=str(organization),
        payload=payload,
    )
    await world.finished("release-organization", str(organization))
    assert (await world.client.get(f"{TASKS}/{id_}")).status_code == 404
    owner = world.client_for(world.service, Principal(user_id=last_owner))
    assert (await owner.get(f"{TASKS}/{id_}")).json()["owner_id"] == str(last_owner)
    assert "ExportUpdated" in await world.told(id_)
