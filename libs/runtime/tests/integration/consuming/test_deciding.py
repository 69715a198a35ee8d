"""A command that decides on another service's aggregate: fresh, else the replica, else 503."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from newsroom import Newsroom, eventually, rows, run, serving
from sqlalchemy import QueuePool

from atelier.contracts.organizations import Role
from atelier.runtime.auth import Principal
from atelier.runtime.clock import new_id
from atelier.runtime.request_context import Cause
from atelier.runtime.service import Service
from example.issues import IssueState

SUBSCRIPTIONS = "/api/v1/subscriptions/"


class Staff:
    """A press and a reader, and somebody who writes and reads."""

    def __init__(self, press: Service, reader: Service, client_for: Any) -> None:
        self.press, self.reader = press, reader
        self._client_for = client_for
        self.user = Principal(user_id=uuid4())

    async def print(self, by: Principal | None = None, organization: UUID | None = None) -> UUID:
        query = {"organization_id": str(organization)} if organization else {}
        async with self._client_for(self.press, by or self.user) as client:
            answer = await client.post("/api/v1/issues/", json={"title": "fresh"}, params=query)
        assert answer.status_code == 201, answer.text
        return UUID(answer.json()["id"])

    async def withdraw(self, id_: UUID) -> None:
        async with self._client_for(self.press, self.user) as client:
            assert (await client.delete(f"/api/v1/issues/{id_}")).status_code == 204

    async def subscribe(self, id_: UUID, by: Principal | None = None) -> httpx.Response:
        async with self._client_for(self.reader, by or self.user) as client:
            return await client.post(SUBSCRIPTIONS, json={"issue_id": str(id_)})  # type: ignore[no-any-return]

    async def read(self, id_: str) -> httpx.Response:
        async with self._client_for(self.reader, self.user) as client:
            return await client.get(SUBSCRIPTIONS + id_)  # type: ignore[no-any-return]

    async def replicated(self, id_: UUID) -> bool:
        return bool(await rows(self.reader, "SELECT 1 FROM replicas WHERE id = :id", id=id_))

    async def written(self) -> tuple[int, int]:
        counts = "SELECT (SELECT count(*) FROM subscriptions) AS s, (SELECT count(*) FROM jobs) AS j"
        (row,) = await rows(self.reader, counts)
        return row.s, row.j


@pytest.fixture
async def staff(make_newsroom: Any, client_for: Any) -> Staff:
    room: Newsroom = await make_newsroom()
    return Staff(await room.press(), await room.reader(), client_for)


async def test_what_press_says_now_decides_and_becomes_the_replica(staff: Staff) -> None:
    id_ = await staff.print()
    async with serving(staff.press):
        answer = await staff.subscribe(id_)

    assert (answer.status_code, answer.json()["issue_title"]) == (201, "fresh")
    assert await staff.replicated(id_), "the fresh read was written with the subscription"


async def test_an_unknown_a_foreign_and_a_withdrawn_issue_are_422_in_the_same_words(staff: Staff) -> None:
    stranger, organization = Principal(user_id=uuid4()), uuid4()
    member = Principal(user_id=staff.user.user_id, organizations={organization: Role.MEMBER})
    withdrawn = await staff.print()
    await staff.withdraw(withdrawn)
    ids = [uuid4(), await staff.print(by=stranger), withdrawn, await staff.print(member, organization)]

    async with serving(staff.press):
        answers = [await staff.subscribe(id_) for id_ in ids]

    assert {answer.status_code for answer in answers} == {422}
    assert len({answer.text for answer in answers}) == 1
    assert await staff.written() == (0, 0)
    assert not any([await staff.replicated(id_) for id_ in ids])


async def test_a_member_may_see_the_organizations_issue_and_still_not_use_it_personally(
    staff: Staff,
) -> None:
    organization = uuid4()
    member = Principal(user_id=uuid4(), organizations={organization: Role.MEMBER})
    id_ = await staff.print(member, organization)
    async with serving(staff.press):
        assert (await staff.subscribe(id_, by=member)).status_code == 422


async def test_where_press_is_away_the_replica_decides_with_the_same_rules(staff: Staff) -> None:
    mine, foreign = await staff.print(), await staff.print(by=Principal(user_id=uuid4()))
    async with serving(staff.press):
        await staff.reader.keeper.rebuild(staff.reader.declaration.replicas[0])

    assert (await staff.subscribe(mine)).status_code == 201
    assert (await staff.subscribe(foreign)).status_code == 422
    assert await staff.written() == (1, 1)


async def test_where_press_is_away_and_the_replica_lacks_it_nothing_changes_and_503_is_answered(
    staff: Staff,
) -> None:
    answer = await staff.subscribe(uuid4())

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert await staff.written() == (0, 0)


async def test_a_fresh_read_holds_no_connection_and_is_kept_by_the_commit(staff: Staff) -> None:
    known = await staff.print()
    service = staff.reader
    async with service.units.begin(Cause("test")) as uow:
        async with serving(staff.press):
            assert await service.references.fresh(uow, IssueState, {known}, staff.user)
        assert connections(service) == 0
        await uow.commit()
    assert await staff.replicated(known)

    async with service.units.begin(Cause("test")) as uow:
        assert await service.references.fresh(uow, IssueState, {known}, staff.user), "from the replica"
        assert connections(service) == 0


def connections(service: Service) -> int:
    """How many connections are in use."""
    pool = service.engine.pool
    assert isinstance(pool, QueuePool)
    return pool.checkedout()


async def test_a_session_that_fails_to_close_gives_its_connection_back(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> None:
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        async with staff.reader.units.begin(Cause("test")) as uow:
            monkeypatch.setattr(await uow.session(), "close", fail)
    assert connections(staff.reader) == 0


@asynccontextmanager
async def _silence(port: int) -> AsyncIterator[None]:
    """Something that accepts and never answers."""
    open_: list[asyncio.StreamWriter] = []

    async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_.append(writer)

    server = await asyncio.start_server(accept, "127.0.0.1", port)
    try:
        yield
    finally:
        for writer in open_:
            writer.close()
        server.close()
        await server.wait_closed()


async def test_an_owner_that_accepts_and_never_answers_is_given_up_by_the_deadline(staff: Staff) -> None:
    deadline = staff.reader.settings.internal_deadline.total_seconds()
    async with _silence(staff.press.settings.port):
        started = time.monotonic()
        answer = await staff.subscribe(uuid4())

        assert answer.status_code == 503
        assert time.monotonic() - started < deadline + 1


async def test_an_owner_that_is_known_to_be_away_is_asked_again_once_it_may_be_back(staff: Staff) -> None:
    id_ = await staff.print()
    for _ in range(5):
        assert (await staff.subscribe(id_)).status_code == 503
    started = time.monotonic()
    assert (await staff.subscribe(id_)).status_code == 503
    assert time.monotonic() - started < 0.5, "the breaker is open: nobody is asked"

    async def subscribes() -> bool:
        return (await staff.subscribe(id_)).status_code == 201

    async with serving(staff.press):
        await eventually(subscribes)


async def test_what_is_missing_in_the_replica_is_read_through_where_it_is_shown(staff: Staff) -> None:
    id_ = await staff.print()
    async with serving(staff.press):
        subscription = (await staff.subscribe(id_)).json()
        await run(staff.reader, "DELETE FROM replicas")
        shown = await staff.read(subscription["id"])

    assert (shown.status_code, shown.json()) == (200, subscription)


async def test_ids_over_a_chunk_are_read_in_several_calls(staff: Staff) -> None:
    ids = [await staff.print() for _ in range(3)]
    state = staff.reader.declaration.replicas[0]
    asked = ids + [new_id() for _ in range(450)]
    async with serving(staff.press):
        found = await staff.reader.client.read(state, asked, staff.user)

    assert found.keys() == set(ids)
