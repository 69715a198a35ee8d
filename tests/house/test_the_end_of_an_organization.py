"""What belonged to an organization that is gone goes back to its last owner, in every service."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest

from atelier.contracts.model import Event, State
from atelier.contracts.resolution_presets import ResolutionPresetState, ResolutionPresetUpdated
from atelier.contracts.shootings import ShootingState, ShootingUpdated
from atelier.contracts.topics import TOPICS, Topics
from house.front_door import ORGANIZATIONS, PRESETS, SHOOTINGS, House, Person, eventually, refused
from house.reconcile import first_occurrences
from house.topic_log import Told, read_history


async def history(house: House, state: type[State], id_: str) -> list[Told]:
    """What was told of something so far, without repetitions."""
    servers = house.stack.service_environment("identity")["KAFKA_BOOTSTRAP_SERVERS"]
    return first_occurrences(await read_history(servers, Topics(TOPICS).of_state(state), id_))


async def organization_with_a_member(root: Person, house: House) -> tuple[str, Person, Person]:
    """A new organization, its owner, and somebody who works in it."""
    owner, member = await house.person(root, "owner"), await house.person(root, "member")
    organization = (await owner.make(ORGANIZATIONS, name="Ending"))["id"]
    await owner.make(f"{ORGANIZATIONS}{organization}/members", user_id=member.id, role="member")
    return organization, owner, member


async def end(organization: str, owner: Person, member: Person) -> None:
    """The owner sees everybody out and closes the door."""
    url = ORGANIZATIONS + organization
    assert (await owner.http.delete(f"{url}/members/{member.id}")).status_code == 200
    assert (await owner.http.delete(url)).status_code == 200


async def personal(owner: Person, url: str) -> dict[str, Any]:
    """Wait until something has become its last owner's own."""

    async def released() -> Any:
        answer = await owner.http.get(url)
        body = answer.json()
        return body if answer.status_code == 200 and body["organization_id"] is None else None

    body: dict[str, Any] = await eventually(released)
    assert body["owner_id"] == owner.id
    return body


@pytest.mark.parametrize(
    ("path", "kind", "state", "updated"),
    [
        (PRESETS, "preset", ResolutionPresetState, ResolutionPresetUpdated),
        (SHOOTINGS, "shooting", ShootingState, ShootingUpdated),
    ],
    ids=["preset", "shooting"],
)
async def test_it_becomes_its_last_owners_with_an_event_each_and_a_free_name(
    house: House, root: Person, path: str, kind: str, state: type[State], updated: type[Event[Any]]
) -> None:
    organization, owner, member = await organization_with_a_member(root, house)
    name = f"Autumn {uuid4()}"
    await getattr(owner, kind)(name=name)
    shared = [await getattr(member, kind)(organization, name=name) for _ in range(2)]
    await end(organization, owner, member)
    names = {(await personal(owner, path + one["id"]))["name"] for one in shared}
    assert names == {f"{name} (2)", f"{name} (3)"}
    for one in shared:
        refused(await member.http.get(path + one["id"]), 404)

        async def told(id_: str = one["id"]) -> list[Told] | None:
            found = await history(house, state, id_)
            return found if len(found) == 2 else None

        released = (await eventually(told) or [])[1]
        assert type(released.event) is updated
        assert (released.event.state.organization_id, str(released.event.state.owner_id)) == (None, owner.id)
        assert released.envelope.organization_id is None


async def test_a_write_that_was_under_way_follows_by_the_second_look(house: House, root: Person) -> None:
    """The write is admitted while the organization lives and committed once the first look is over."""
    organization, owner, member = await organization_with_a_member(root, house)
    async with house.database("production") as keeper, asyncio.TaskGroup() as group:
        transaction = keeper.transaction()
        await transaction.start()
        await keeper.execute("LOCK TABLE shootings IN SHARE MODE")
        writing = group.create_task(member.shooting(organization))

        async def waits() -> bool:
            return bool(await keeper.fetch("SELECT 1 FROM pg_locks WHERE NOT granted"))

        await eventually(waits)
        await end(organization, owner, member)
        await eventually(lambda: house.fetch("production", FINISHED, organization))
        await transaction.rollback()
    late = writing.result()
    assert late["organization_id"] == organization
    assert (await personal(owner, SHOOTINGS + late["id"]))["name"] == late["name"]
    assert [one.version for one in await history(house, ShootingState, late["id"])][:1] == [1]


FINISHED = "SELECT 1 FROM jobs WHERE key = $1 AND finished_at IS NOT NULL"


async def test_each_service_that_acts_on_it_looked_twice_and_only_twice(house: House, root: Person) -> None:
    organization, owner, member = await organization_with_a_member(root, house)
    await end(organization, owner, member)
    for service in ("catalog", "production"):
        statement = "SELECT key, finished_at FROM jobs WHERE payload->>'organization_id' = $1 ORDER BY key"

        async def both_done(service: str = service, statement: str = statement) -> bool:
            rows = await house.fetch(service, statement, organization)
            keys = [row["key"] for row in rows]
            assert keys in ([], [organization, f"{organization}:again"])
            return len(rows) == 2 and all(row["finished_at"] for row in rows)

        await eventually(both_done)
    deleted = await house.fetch("identity", "SELECT 1 FROM organizations WHERE id = $1", UUID(organization))
    assert deleted == []
