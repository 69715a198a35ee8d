"""An organization that is gone gives what belonged to it back to its last owner, by a fact and its jobs."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from atelier.contracts.envelope import Envelope
from atelier.contracts.organizations import OrganizationDeleted, OrganizationState
from atelier.runtime import releasing
from atelier.runtime.clock import new_id
from atelier.runtime.jobs import JobWorker
from atelier.runtime.messaging.facts import FactGroup
from atelier.runtime.tables import JobRow


@dataclass(frozen=True)
class Record:
    """A record as Kafka gives it."""

    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes | None]]
    partition: int = 0
    offset: int = 0


def gone(tenants: Any) -> Record:
    """The record that tells of the organization's end."""
    now, owner = datetime.now(UTC), tenants["owner"].user_id
    state = OrganizationState(
        id=tenants.organization,
        owner_id=owner,
        created_at=now,
        updated_at=now,
        deleted_at=now,
        name="O",
        slug="o",
    )
    envelope = Envelope(
        id=new_id(),
        type="OrganizationDeleted",
        source="/identity",
        subject=state.id,
        time=now,
        dataschema=OrganizationDeleted.dataschema(),
        aggregate_version=3,
        correlation_id="request-1",
    )
    headers = [(name, value.encode()) for name, value in envelope.to_headers().items()]
    body = OrganizationDeleted(state=state, last_owner_id=owner).model_dump_json().encode()
    return Record("identity.organizations.v1", str(state.id).encode(), body, headers)


async def handle(house: Any, *records: Record) -> None:
    """Let the service's consumer of facts handle these."""
    (group,) = [group for group in house.service.groups if isinstance(group, FactGroup)]
    await group.handle(records)


async def jobs(house: Any, tenants: Any) -> list[JobRow]:
    """The organization's jobs, the one for later last."""
    statement = select(JobRow).where(JobRow.key.startswith(str(tenants.organization))).order_by(JobRow.run_at)
    async with house.service.sessions() as session:
        return list((await session.execute(statement)).scalars())


@asynccontextmanager
async def working(house: Any) -> Any:
    """A worker that runs the service's jobs meanwhile."""
    handlers = house.service.declaration.jobs
    worker = JobWorker(sessions=house.service.sessions, units=house.service.units, handlers=handlers)
    running = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        await worker.stop()
        await running


async def until_finished(house: Any, tenants: Any, count: int) -> None:
    """Wait for that many of the organization's jobs."""
    async with asyncio.timeout(20):
        while sum(job.finished_at is not None for job in await jobs(house, tenants)) < count:
            await asyncio.sleep(0.02)


async def test_the_fact_asks_for_a_release_now_and_once_more_later(house: Any, tenants: Any) -> None:
    record = gone(tenants)
    await handle(house, record, record)
    now, later = await jobs(house, tenants)
    assert later.run_at - now.run_at == house.service.settings.release_again_after
    assert (
        now.payload
        == later.payload
        == {
            "organization_id": str(tenants.organization),
            "owner_id": str(tenants["owner"].user_id),
        }
    )


async def test_everything_becomes_the_last_owners_with_an_event_each(house: Any, tenants: Any) -> None:
    by_member = await house.make(tenants["member"], tenants.organization, name="Shared")
    await house.client(tenants["member"]).put(house.entity.path + by_member["id"], json=house.entity.change)
    other = await house.make(tenants["other organization"], tenants.other, name="Other")
    await handle(house, gone(tenants))
    async with working(house):
        await until_finished(house, tenants, 1)
    row = await house.row(by_member["id"])
    assert (row["owner_id"], row["organization_id"], row["version"]) == (tenants["owner"].user_id, None, 3)
    told = await house.told(by_member["id"])
    assert [one.envelope.aggregate_version for one in told] == [1, 2, 3]
    assert type(told[2].event) is house.entity.updated
    assert (told[2].event.state.owner_id, told[2].event.state.organization_id) == (row["owner_id"], None)
    assert told[2].envelope.organization_id is None
    assert (await house.row(other["id"]))["organization_id"] == tenants.other


async def test_a_name_that_the_owner_has_already_is_numbered(house: Any, tenants: Any) -> None:
    long = "x" * 255
    for name in ("Spring", "Spring (2)", long, long[:251] + " (2)"):
        await house.make(tenants["owner"], name=name)
    await house.make(tenants["member"], name="Summer")
    shared = [
        await house.make(tenants["member"], tenants.organization, name=name)
        for name in ("Spring", "Spring", "Summer", long, long, "100%_")
    ]
    await handle(house, gone(tenants))
    async with working(house):
        await until_finished(house, tenants, 1)
    names = [(await house.row(one["id"]))["name"] for one in shared]
    numbered = [long[:251] + " (3)", long[:251] + " (4)"]
    assert names == ["Spring (3)", "Spring (4)", "Summer", *numbered, "100%_"]


async def test_only_names_that_can_stand_in_the_way_are_looked_at(house: Any, tenants: Any) -> None:
    long = "y" * 255
    numbered = {long[:251] + " (2)", long[:250] + " (10)"}
    in_the_way = {"S", "S (2)", "S (10)", "T (2)", "T (2) (2)", long, *numbered}
    for name in (*in_the_way, "Sp", "S (x)", "S (2)!", "T", "S (2) (2)", long[:100]):
        await house.make(tenants["owner"], name=name)
    column = house.entity.row.name
    statement = select(column).where(releasing.in_the_way(column, ["S", "T (2)", long]))
    async with house.service.sessions() as session:
        assert set((await session.execute(statement)).scalars()) == in_the_way


async def test_more_than_a_batch_is_released_to_the_last_one(house: Any, tenants: Any) -> None:
    count = releasing.BATCH + 7
    made = await house.make(tenants["member"], tenants.organization)
    await _copy(house, made["id"], count - 1)
    await handle(house, gone(tenants))
    async with working(house):
        await until_finished(house, tenants, 1)
    table = house.entity.row.__table__
    async with house.service.sessions() as session:
        mine = select(table.c.name, table.c.version, table.c.id).where(
            table.c.owner_id == tenants["owner"].user_id
        )
        rows = (await session.execute(mine)).all()
    assert len(rows) == count
    assert len({row.name for row in rows}) == count
    for row in rows:
        assert (await house.told(row.id))[-1].envelope.aggregate_version == row.version


async def _copy(house: Any, id_: str, count: int) -> None:
    """As many copies of a row, with ids of their own."""
    row = await house.row(id_)
    slug = house.entity.slug
    copies = [row | {"id": new_id()} | ({slug: f"copy-{n}"} if slug else {}) for n in range(count)]
    async with house.service.sessions.begin() as session:
        await session.execute(insert(house.entity.row), copies)


async def test_a_write_that_was_under_way_is_released_by_the_second_job(house: Any, tenants: Any) -> None:
    await handle(house, gone(tenants))
    async with working(house) as worker:
        await until_finished(house, tenants, 1)
        late = await house.make(tenants["member"], tenants.organization)
        assert (await house.row(late["id"]))["organization_id"] == tenants.organization
        await house.execute(
            "UPDATE jobs SET run_at = now() WHERE key = :key", key=f"{tenants.organization}:again"
        )
        worker.wake()
        await until_finished(house, tenants, 2)
    row = await house.row(late["id"])
    assert (row["owner_id"], row["organization_id"]) == (tenants["owner"].user_id, None)


async def test_what_is_deleted_goes_along_and_can_be_restored_by_its_new_owner(
    soft_house: Any, tenants: Any
) -> None:
    made = await soft_house.make(tenants["member"], tenants.organization)
    await soft_house.client(tenants["member"]).delete(soft_house.entity.path + made["id"])
    await handle(soft_house, gone(tenants))
    async with working(soft_house):
        await until_finished(soft_house, tenants, 1)
    url = soft_house.entity.path + made["id"]
    assert (await soft_house.client(tenants["superuser"]).post(f"{url}/restore")).status_code == 200
    assert (await soft_house.client(tenants["owner"]).get(url)).status_code == 200
    assert UUID(made["id"]) == (await soft_house.told(made["id"]))[-1].envelope.subject
