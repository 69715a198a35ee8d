"""Two at once, bytes that change meanwhile, storage that fails, and kill -9 between the steps."""

from __future__ import annotations

import asyncio
import base64
from typing import Any
from uuid import uuid4

import httpx
import pytest
from media_pictures import encoded

from atelier.contracts.organizations import Role
from atelier.media.bootstrap import declare
from atelier.media.settings import Settings
from atelier.runtime.auth import Principal
from atelier.runtime.storage import Storage, StorageError

UNNAMED = "remove-unnamed-bytes"


def inline(picture: bytes) -> dict[str, str]:
    return {"source": base64.b64encode(picture).decode()}


async def keys(storage: Storage) -> set[str]:
    return {one.key async for one in storage.list("media/")}


async def test_two_at_once_make_one_resource(person_of: Any, storage: Any, inside: Any) -> None:
    organization, before = uuid4(), await keys(storage)
    people = [
        person_of(Principal(user_id=uuid4(), organizations={organization: Role.MEMBER}), organization)
        for _ in range(6)
    ]
    one, two = encoded(), encoded()
    answers = await asyncio.gather(
        *(
            person.taken(*map(inline, order))
            for person, order in zip(people, [(one, two), (two, one)] * 3, strict=True)
        )
    )
    ids = {resource["id"] for answer in answers for resource in answer}
    assert len(ids) == 2
    assert await inside.rows(
        "SELECT count(*) FROM media_resources WHERE organization_id = :id", id=organization
    ) == [(2,)]
    for id_ in ids:
        assert await inside.events(id_) == ["MediaIngested"]
    await inside.run_jobs(UNNAMED)
    assert len(await keys(storage) - before) == 2


async def test_one_upload_at_once_is_one_resource(person: Any, storage: Any, inside: Any) -> None:
    before, url = await keys(storage), await person.upload(encoded())
    answers = await asyncio.gather(*(person.taken({"source": url}) for _ in range(4)))
    assert len({answer[0]["id"] for answer in answers}) == 1
    await inside.run_jobs(UNNAMED)
    assert len(await keys(storage) - before) == 1


async def test_a_repetition_that_is_overtaken_is_the_same_resource(
    person: Any, inside: Any, monkeypatch: Any
) -> None:
    """The first request ends, and its upload is removed, while the second is about to look at it."""
    url, head, overtaken = await person.upload(encoded()), Storage.head, False
    first: list[dict[str, Any]] = []

    async def slow(self: Storage, key: str) -> Any:
        nonlocal overtaken
        if key.startswith("temp/") and not overtaken:
            overtaken = True
            first.extend(await person.taken({"source": url}))
            await inside.run_jobs("remove-temporary-upload")
        return await head(self, key)

    monkeypatch.setattr(Storage, "head", slow)
    assert await person.taken({"source": url}) == first


async def test_an_upload_that_is_replaced_meanwhile_is_refused(
    person: Any, storage: Any, monkeypatch: Any, inside: Any
) -> None:
    """The presigned URL is still valid while the bytes are looked at."""
    before, answer = await keys(storage), (await person.presign()).json()
    headers = {"Content-Type": "image/png"}
    await person.plain.put(answer["upload_url"], content=encoded(), headers=headers)
    copy = Storage.copy

    async def replaced(self: Storage, source: str, target: str, content_type: str) -> None:
        await person.plain.put(answer["upload_url"], content=b"<script>evil", headers=headers)
        await copy(self, source, target, content_type)

    monkeypatch.setattr(Storage, "copy", replaced)
    assert "replaced" in await person.refused(answer["file_url"])
    assert await keys(storage) == before


async def test_where_storage_fails_nothing_stays(
    person: Any, storage: Any, monkeypatch: Any, inside: Any
) -> None:
    before, uploads = await keys(storage), 0
    upload = Storage.upload

    async def failing(self: Storage, *args: Any) -> None:
        nonlocal uploads
        uploads += 1
        if uploads == 2:
            raise StorageError("storage is away")
        await upload(self, *args)

    monkeypatch.setattr(Storage, "upload", failing)
    pictures = [inline(encoded()) for _ in range(3)]
    assert (await person.ingest(*pictures)).status_code == 503
    monkeypatch.undo()
    counted = "SELECT count(*) FROM media_resources WHERE owner_id = :id"
    assert await inside.rows(counted, id=person.principal.user_id) == [(0,)]
    await inside.run_jobs(UNNAMED, due_only=False)
    assert await keys(storage) == before
    assert len(await person.taken(*pictures)) == 3


async def test_no_connection_is_held_while_storage_works(
    make_service: Any, person_of: Any, monkeypatch: Any
) -> None:
    service = await make_service(declare, Settings, database_pool_size=1)
    person, idle = person_of(Principal(user_id=uuid4()), service=service), []
    upload = Storage.upload

    async def watched(self: Storage, *args: Any) -> None:
        idle.append(service.engine.pool.checkedout())
        await upload(self, *args)

    monkeypatch.setattr(Storage, "upload", watched)
    await asyncio.gather(*(person.taken(inline(encoded())) for _ in range(3)))
    assert idle == [0, 0, 0] or max(idle) <= 1
    assert len(idle) == 3


@pytest.mark.parametrize(("crash_point", "made"), [("before_commit:3", 0), ("after_commit:3", 1)])
async def test_kill_9_leaves_no_orphan_and_a_repetition_works(
    person: Any, storage: Any, inside: Any, start: Any, crash_point: str, made: int
) -> None:
    """Commits of the process: its first start, the announced keys, and the batch itself."""
    before = await keys(storage)
    first, second = await person.upload(encoded()), inline(encoded())
    body = {
        "owner_id": str(person.principal.user_id),
        "items": [{"attachment": ATTACHMENT} | {"source": first}, {"attachment": ATTACHMENT} | second],
    }
    process = start(ATELIER_CRASH_AT=crash_point)
    await process.ready()
    async with httpx.AsyncClient(auth=person.client.auth, timeout=60) as client:
        with pytest.raises(httpx.HTTPError):
            await client.post(f"http://127.0.0.1:{process.port}/internal/ingest", json=body)
    assert await process.died()
    assert len(await keys(storage) - before) == 2
    counted = "SELECT count(*) FROM media_resources WHERE owner_id = :id"
    assert await inside.rows(counted, id=person.principal.user_id) == [(2 * made,)]
    answer = await person.client.post("/internal/ingest", json=body)
    assert answer.status_code == 200
    ids = {one["id"] for one in answer.json()["data"]}
    await inside.run_jobs(UNNAMED, due_only=False)
    left = await keys(storage) - before
    assert {key.split("/")[1] for key in left} == ids


ATTACHMENT = {
    "kind": "products",
    "aggregate_id": str(uuid4()),
    "entity_type": "PRODUCT",
    "entity_id": str(uuid4()),
    "slot": "cover_image",
}
