"""What a transaction changes and what it tells of it: both or neither, in the order of the versions."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, ClassVar
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest
from newsroom import MakeService, relaying
from pressroom import Place, an_issue, first_occurrences, printing, put_event, service_on
from sqlalchemy import select
from sqlalchemy.pool import QueuePool

from atelier.contracts.model import MAX_BODY_BYTES, Event, State
from atelier.contracts.topics import Topic, Topics
from atelier.runtime.auth import Principal
from atelier.runtime.http.app import api_router
from atelier.runtime.http.route import Uow
from atelier.runtime.request_context import Cause
from atelier.runtime.service import Declaration
from example.issues import TOPICS, IssuePrinted, IssueReprinted, IssueWithdrawn
from example.press import Issue

ISSUES = "/api/v1/issues/"


async def test_a_transaction_that_is_rolled_back_leaves_neither_row_nor_event(
    place: Place, make_service: MakeService
) -> None:
    service = await service_on(make_service, place)
    async with printing(service, an_issue()) as uow:
        await uow.flush()
    assert (await place.versions(), await place.waiting()) == ({}, 0)


async def test_a_transaction_that_fails_at_its_commit_leaves_neither_row_nor_event(
    place: Place, make_service: MakeService
) -> None:
    service = await service_on(make_service, place)
    issue = an_issue()
    await put_event(place, issue.id, 1)  # its version is taken: the row goes in, the event doesn't
    with pytest.raises(Exception, match="uq_outbox"):
        async with printing(service, issue) as uow:
            await uow.commit()
    assert (await place.versions(), await place.waiting()) == ({}, 1)


async def test_a_paused_transaction_holds_no_connection_and_goes_on_with_another(
    place: Place, make_service: MakeService
) -> None:
    service = await service_on(make_service, place)
    issue, held = an_issue(), []
    pool = service.engine.pool
    assert isinstance(pool, QueuePool)
    async with service.units.begin(Cause(correlation_id="test")) as uow:
        assert not await uow.all(select(Issue))
        held.append(pool.checkedout())
        await uow.pause()
        held.append(pool.checkedout())
        uow.add(issue)
        uow.emit(issue, IssuePrinted)
        with pytest.raises(AssertionError, match="would be lost"):
            await uow.pause()
        await uow.commit()
    assert (held, await place.versions()) == ([1, 0], {issue.id: 1})


async def test_sixteen_writers_of_one_issue_are_told_of_in_the_order_of_its_versions(
    place: Place, make_service: MakeService, client_for: Any
) -> None:
    service = await service_on(make_service, place)
    async with client_for(service, Principal(user_id=uuid4())) as client, relaying(service):
        id_ = UUID((await client.post(ISSUES, json={"title": "Spring"})).json()["id"])

        async def version_of_a_reprint(copies: int) -> int:
            """Asked again where too many wait for the same row: then nothing has changed."""
            while (answer := await client.put(f"{ISSUES}{id_}", json={"copies": copies})).status_code == 503:
                await asyncio.sleep(0.05)
            return int(answer.raise_for_status().headers["etag"].strip('"'))

        async def reprint(writer: int) -> list[int]:
            return [await version_of_a_reprint(writer) for _ in range(8)]

        answered = await asyncio.gather(*(reprint(writer) for writer in range(16)))
        await place.drained()
    told = await place.told()
    assert sorted(version for versions in answered for version in versions) == list(range(2, 130))
    assert [one.version for one in told] == list(range(1, 130)), "each once, in order"
    assert await place.versions() == {id_: 129}


async def test_events_of_one_transaction_take_a_version_each_and_the_state_as_of_the_commit(
    place: Place, make_service: MakeService
) -> None:
    service = await service_on(make_service, place)
    issue = an_issue("Spring")
    async with printing(service, issue) as uow:
        issue.title = "Summer"
        uow.emit(issue, IssueReprinted)
        issue.title = "Autumn"
        uow.emit(issue, IssueWithdrawn)
        await uow.commit()
    async with relaying(service):
        await place.drained()
    told = await place.told()
    assert first_occurrences(told) == {issue.id: [1, 2, 3]}
    assert [orjson.loads(one.body)["state"]["title"] for one in told] == ["Autumn"] * 3
    assert len({one.event_id for one in told}) == 3


async def test_a_version_of_an_aggregate_is_told_once(place: Place) -> None:
    await put_event(place, id_ := uuid4(), 1)
    await put_event(place, id_, 2)
    with pytest.raises(asyncpg.UniqueViolationError):
        await put_event(place, id_, 2)


class AnthologyState(State):
    """An issue with lists of any length."""

    kind: ClassVar[str] = "anthologies"

    authors: list[str]
    pages: list[str]


class AnthologyPrinted(Event[AnthologyState]):
    """An anthology exists."""


class Anthology(Issue):
    """A row whose state has lists."""

    def state(self) -> AnthologyState:  # type: ignore[override]
        """As its events carry it, with as many pages as copies."""
        return AnthologyState(
            id=self.id, created_at=self.created_at, updated_at=self.updated_at,
            authors=["a"] * 10, pages=["p" * 1024] * self.copies,
        )  # fmt: skip


def with_anthologies(declared: Declaration) -> Declaration:
    """Press, printing anthologies too."""
    router = api_router("/anthologies", "anthologies")

    @router.post("/{pages}", status_code=201)
    async def print_anthology(pages: int, uow: Uow) -> None:
        issue = an_issue()
        issue.copies = pages
        uow.add(issue)
        anthology = Anthology(
            id=issue.id, created_at=issue.created_at, updated_at=issue.updated_at,
            owner_id=issue.owner_id, title=issue.title, copies=pages,
        )  # fmt: skip
        uow.emit(anthology, AnthologyPrinted)

    topic = Topic("press.anthologies.v1", "press", AnthologyState, (AnthologyPrinted,))
    topics = Topics((*TOPICS.all, topic))
    return replace(declared, routers=[*declared.routers, router], topics=topics)


async def test_a_state_that_is_too_large_is_refused_by_the_name_of_its_list_and_nothing_is_written(
    place: Place, make_service: MakeService, client_for: Any
) -> None:
    service = await service_on(make_service, place, with_anthologies)
    fits = MAX_BODY_BYTES // 1024 - 2
    async with client_for(service, Principal(user_id=uuid4())) as client:
        refused = await client.post(f"/api/v1/anthologies/{fits + 2}")
        assert (refused.status_code, await place.versions(), await place.waiting()) == (422, {}, 0)
        assert [problem["loc"] for problem in refused.json()["detail"]] == [["body", "pages"]]
        accepted = await client.post(f"/api/v1/anthologies/{fits - 2}")
        assert (accepted.status_code, await place.waiting()) == (201, 1)
