"""A replica has each aggregate's highest version, whatever comes in which order, and can be rebuilt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from newsroom import (
    REPLICAS,
    ExampleProcess,
    Newsroom,
    Sent,
    consuming,
    eventually,
    fact,
    issue,
    relaying,
    rows,
    run,
    serving,
    working,
)

from atelier.runtime import rebuilding, replicas
from atelier.runtime.auth import Principal
from atelier.runtime.clock import new_id
from atelier.runtime.filling import ask_for_fill, fill_job
from atelier.runtime.jobs import JobWorker
from atelier.runtime.service import FILL, Service
from example.issues import IssueReprinted, IssueRestored, IssueState, IssueWithdrawn

LEASE = timedelta(seconds=0.8)


@pytest.fixture(scope="module")
async def reader(room: Newsroom) -> AsyncIterator[Service]:
    service = await room.reader()
    async with consuming(service):
        yield service


def _history(state: IssueState) -> list[Sent]:
    """Printed, withdrawn, restored."""
    gone = state.model_copy(update={"deleted_at": datetime.now(UTC)})
    return [fact(state), fact(gone, 2, IssueWithdrawn), fact(state, 3, IssueRestored)]


async def _replica(service: Service, id_: UUID) -> tuple[int, bool]:
    (row,) = await rows(service, "SELECT version, deleted FROM replicas WHERE id = :id", id=id_)
    return row.version, row.deleted


@pytest.mark.parametrize("in_one_batch", [True, False])
async def test_a_deletion_that_comes_before_the_creation_stays(
    room: Newsroom, reader: Service, in_one_batch: bool
) -> None:
    state = issue("withdrawn first")
    printed, withdrawn, _ = _history(state)
    for records in [[withdrawn, printed]] if in_one_batch else [[withdrawn], [printed]]:
        await room.send(*records)
        await room.settled([REPLICAS])

    assert await _replica(reader, state.id) == (2, True)


async def test_an_older_version_after_a_newer_one_changes_nothing(room: Newsroom, reader: Service) -> None:
    state = issue("steps back")
    newer = state.model_copy(update={"title": "newer"})
    for records in ([fact(newer, 5, IssueReprinted)], [fact(state, 4, IssueReprinted), fact(state)]):
        await room.send(*records)
        await room.settled([REPLICAS])

    (row,) = await rows(reader, "SELECT version, state FROM replicas WHERE id = :id", id=state.id)
    assert (row.version, row.state["title"]) == (5, "newer")


async def test_a_restore_clears_the_deletion_also_when_it_comes_first(
    room: Newsroom, reader: Service
) -> None:
    in_order, restored_first = issue("in order"), issue("restored first")
    await room.send(*_history(in_order), *reversed(_history(restored_first)))
    await room.settled([REPLICAS])

    assert await _replica(reader, in_order.id) == (3, False)
    assert await _replica(reader, restored_first.id) == (3, False)


async def test_versions_that_are_left_out_are_healed_by_the_next(room: Newsroom, reader: Service) -> None:
    state = issue("gap")
    await room.send(fact(state), fact(state, 7, IssueReprinted))
    await room.settled([REPLICAS])

    assert await _replica(reader, state.id) == (7, False)


async def test_who_brings_nothing_new_waits_for_nobody_who_brings_it_too(reader: Service) -> None:
    state = issue("known")
    await _put(reader, state, 2)
    async with asyncio.timeout(5), reader.sessions.begin() as one, reader.sessions.begin() as other:
        for session, version in ((one, 2), (other, 2), (other, 1)):
            await replicas.upsert(session, [replicas.Versioned(version, state)])
        await replicas.upsert(other, [replicas.Versioned(3, state)])

    assert await _replica(reader, state.id) == (3, False)


async def test_what_is_marked_as_deleted_has_still_the_version_that_was_known(reader: Service) -> None:
    gone, changed = issue("gone"), issue("changed")
    await _put(reader, gone, 2)
    await _put(reader, changed, 3)
    async with reader.sessions.begin() as session:
        await replicas.mark_deleted(session, IssueState.kind, {gone.id: 2, changed.id: 2})

    assert (await _replica(reader, gone.id), await _replica(reader, changed.id)) == ((2, True), (3, False))


# rebuilding, against a press that serves


@pytest.fixture(scope="module")
async def filled(make_newsroom: Any, client_for: Any) -> AsyncIterator[tuple[Newsroom, Service, Any]]:
    """A room whose press has printed 23 issues, withdrew one, and serves."""
    room = await make_newsroom()
    press = await room.press()
    client = client_for(press, Principal(user_id=uuid4()))
    async with serving(press), relaying(press), client:
        printed = [await _print(client, f"issue {number}") for number in range(23)]
        assert (await client.delete(f"/api/v1/issues/{printed[0]}")).status_code == 204
        yield room, press, client


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of 5, so that a rebuild takes several."""
    monkeypatch.setattr(rebuilding, "PAGE", 5)


async def _print(client: httpx.AsyncClient, title: str) -> UUID:
    answer = await client.post("/api/v1/issues/", json={"title": title})
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


@pytest.mark.usefixtures("small_pages")
async def test_a_rebuild_takes_over_all_pages_and_withdrawn_ones_too(filled: Any) -> None:
    room, press, _ = filled
    service = await room.reader()
    await run(service, "DELETE FROM replicas")

    await service.keeper.rebuild(IssueState)

    assert await _all(service, "replicas") == await _all(press, "issues")
    assert len(await rows(service, "SELECT 1 FROM replicas WHERE deleted")) >= 1
    assert (await service.keeper.check(IssueState)).none


@pytest.mark.usefixtures("small_pages")
async def test_a_rebuild_while_events_come_in_ends_as_its_owner(filled: Any) -> None:
    room, press, client = filled
    service = await room.reader()
    stop = asyncio.Event()

    async def go_on_printing() -> int:
        """So many at most that the rebuild, which reads five at a time, isn't outrun on a busy machine."""
        number = 0
        while not stop.is_set() and number < 60:
            id_ = await _print(client, f"meanwhile {number}")
            await client.put(f"/api/v1/issues/{id_}", json={"copies": number})
            await client.delete(f"/api/v1/issues/{id_}") if number % 3 == 0 else None
            number += 1
        return number

    async with consuming(service):
        printing = asyncio.create_task(go_on_printing())
        for _ in range(3):
            await service.keeper.rebuild(IssueState)
        stop.set()
        assert await printing > 0

        async def is_as_its_owner() -> bool:
            return await _all(service, "replicas") == await _all(press, "issues")

        await eventually(is_as_its_owner)
    assert (await service.keeper.check(IssueState)).none


async def test_a_rebuild_marks_what_its_owner_does_not_know_as_deleted(filled: Any) -> None:
    room, _, _ = filled
    service = await room.reader()
    ghost = issue("ghost")
    await _put(service, ghost, 3)

    await service.keeper.rebuild(IssueState)

    assert await _replica(service, ghost.id) == (3, True)
    async with service.sessions() as session:
        found = await replicas.find(session, IssueState, [ghost.id])
    assert found[ghost.id].deleted_at is not None, "who decides on the state sees it too"


@pytest.mark.usefixtures("small_pages")
async def test_the_check_names_what_is_missing_stale_and_extra(filled: Any, make_process: Any) -> None:
    room, _, _ = filled
    service = await room.reader()
    await service.keeper.rebuild(IssueState)
    assert (await service.keeper.check(IssueState)).none
    missing, stale, extra = *await _some(service, 2), new_id()
    await run(service, "DELETE FROM replicas WHERE id = :id", id=missing)
    await run(service, "UPDATE replicas SET version = 0 WHERE id = :id", id=stale)
    await _put(service, issue("extra", id_=extra), 1)

    difference = await service.keeper.check(IssueState)
    process: ExampleProcess = make_process("reader", room.environment())
    told = await process.command("replicas", "check", "--kind", "issues")

    assert (difference.missing, difference.stale, difference.extra) == ([missing], [stale], [extra])
    assert told.returncode == 1
    assert told.stdout == f"issues: 1 missing ({missing} …), 1 stale ({stale} …), 1 extra ({extra} …)\n"
    rebuilt = await process.command("replicas", "rebuild")
    assert rebuilt.returncode == 0
    assert (await service.keeper.check(IssueState)).none


async def test_a_new_replica_is_filled_once_by_a_job(filled: Any, make_database: Any) -> None:
    room, press, _ = filled
    service = await room.reader(database_url=await make_database())
    for _ in range(2):
        await ask_for_fill(service.units, FILL, [IssueState])

    async with working(service):
        await eventually(lambda: rows(service, "SELECT 1 FROM jobs WHERE finished_at IS NOT NULL"))

    assert await _all(service, "replicas") == await _all(press, "issues")
    assert len(await rows(service, "SELECT 1 FROM jobs")) == 1


async def test_a_filling_that_takes_longer_than_a_lease_stays_with_its_worker(
    filled: Any, make_database: Any, small_pages: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, press, _ = filled
    service = await room.reader(database_url=await make_database())
    read = service.client.page

    async def slowly(*asked: Any) -> Any:
        await asyncio.sleep(0.3)
        return await read(*asked)

    monkeypatch.setattr(service.client, "page", slowly)
    await ask_for_fill(service.units, FILL, [IssueState])
    workers = [_worker(service) for _ in range(2)]
    running = [asyncio.create_task(worker.run()) for worker in workers]
    await eventually(lambda: rows(service, "SELECT 1 FROM jobs WHERE finished_at IS NOT NULL"))
    for worker in workers:
        await worker.stop()
    await asyncio.gather(*running)

    (job,) = await rows(service, "SELECT attempts, finished_at - created_at AS took FROM jobs")
    assert (job.attempts, job.took > LEASE) == (1, True)
    assert await _all(service, "replicas") == await _all(press, "issues")


def _worker(service: Service) -> JobWorker:
    handlers = {FILL: fill_job(service.keeper, [IssueState])}
    return JobWorker(
        sessions=service.sessions, units=service.units, handlers=handlers, lease=LEASE, poll=0.05
    )


async def _all(service: Service, table: str) -> Sequence[Any]:
    deleted = "deleted" if table == "replicas" else "deleted_at IS NOT NULL"
    return await rows(service, f"SELECT id, version, {deleted} FROM {table} ORDER BY id")


async def _some(service: Service, count: int) -> list[UUID]:
    found = await rows(service, f"SELECT id FROM replicas WHERE NOT deleted ORDER BY id LIMIT {count}")
    return [row.id for row in found]


async def _put(service: Service, state: IssueState, version: int) -> None:
    async with service.sessions.begin() as session:
        await replicas.upsert(session, [replicas.Versioned(version, state)])
