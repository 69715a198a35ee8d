"""What can't be handled is set aside, alone; the partition goes on, and an operator brings it back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest
from aiokafka.producer import message_accumulator, producer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy
from newsroom import (
    FACTS,
    REPLICAS,
    Newsroom,
    Sent,
    consuming,
    count_of,
    fact,
    issue,
    letters_of,
    rows,
    run,
)
from prometheus_client import REGISTRY

from atelier.contracts.model import MAX_BODY_BYTES
from atelier.runtime import operating
from atelier.runtime.messaging import dead_letters
from atelier.runtime.operating import redrive_letters
from atelier.runtime.service import Service
from example.issues import IssuePrinted, IssueReprinted, IssueState

FULL = 2**31 - 1
"""As many copies as a tally can hold: with one more, the handler fails for its data."""


@pytest.fixture(scope="module")
async def reader(room: Newsroom) -> AsyncIterator[Service]:
    service = await room.reader()
    async with consuming(service):
        yield service


def _with_body(change: Callable[[dict[str, Any]], object]) -> Callable[[Sent], Sent]:
    def poison(sent: Sent) -> Sent:
        body = orjson.loads(sent.value or b"")
        change(body)
        return replace(sent, value=orjson.dumps(body))

    return poison


def _state(body: dict[str, Any]) -> dict[str, Any]:
    return body["state"]  # type: ignore[no-any-return]


class Raw(str):
    """A header's name that is sent as bytes that aren't UTF-8."""

    __slots__ = ()

    def encode(self, *_: object) -> bytes:
        return b"\xff\xfe" + super().encode()


@pytest.fixture(scope="module", autouse=True)
def any_header_can_be_sent() -> Iterator[None]:
    """aiokafka's quick writer only takes plain strings as names of headers."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (producer, message_accumulator):
            patch.setattr(module, "DefaultRecordBatchBuilder", _DefaultRecordBatchBuilderPy)
        yield


def _with_name(sent: Sent, name: str) -> Sent:
    return replace(sent, headers=[*sent.headers, (name, b"whatever")])


POISONS: dict[str, tuple[str, Callable[[Sent], Sent]]] = {
    "no JSON": ("body", lambda sent: replace(sent, value=b'{"state": ')),
    "JSON that isn't UTF-8": ("body", lambda sent: replace(sent, value=b'{"state": "\xff"}')),
    "deep JSON": ("body", lambda sent: replace(sent, value=b"[" * 100_000)),
    "no body": ("body", lambda sent: replace(sent, value=None)),
    "a missing field": ("body", _with_body(lambda body: _state(body).pop("title"))),
    "a wrong type": ("body", _with_body(lambda body: _state(body).update(copies="many"))),
    "over 256 KB": ("size", _with_body(lambda body: _state(body).update(more="x" * MAX_BODY_BYTES))),
    "an unknown version": (
        "version",
        lambda sent: sent.but(ce_dataschema=b"urn:atelier:event:IssuePrinted:2"),
    ),
    "a version that is no number": ("version", lambda sent: sent.but(ce_dataschema=b"IssuePrinted")),
    "a header that isn't UTF-8": ("headers", lambda sent: sent.but(ce_type=b"\xff\xfe")),
    "a null header": ("headers", lambda sent: sent.but(ce_type=None)),
    "a null id": ("headers", lambda sent: sent.but(ce_id=None)),
    "a missing header": ("headers", lambda sent: sent.but(ce_subject=b"-")),
    "no headers": ("headers", lambda sent: replace(sent, headers=[])),
    "another version of CloudEvents": ("headers", lambda sent: sent.but(ce_specversion=b"2.0")),
    "an id that is none": ("headers", lambda sent: sent.but(ce_id=b"1-1700000000")),
    "an aggregate version of 0": ("headers", lambda sent: sent.but(ce_aggregateversion=b"0")),
    "a name of a header that isn't UTF-8": ("headers", lambda sent: _with_name(sent, Raw("odd"))),
    "NUL in a name of a header": ("headers", lambda sent: _with_name(sent, "n\0l")),
    "NUL in the traceparent": ("headers", lambda sent: sent.but(traceparent=b"00-\0")),
    "no headers and no key": ("headers", lambda sent: replace(sent, key=None, headers=[])),
}


@pytest.mark.parametrize("name", POISONS)
async def test_poison_in_a_batch_is_one_dead_letter_and_harms_no_neighbour(
    room: Newsroom, reader: Service, name: str
) -> None:
    reason, poison = POISONS[name]
    before = {group: len(await letters_of(reader, group, room.topic)) for group in (FACTS, REPLICAS)}
    states = [issue(name) for _ in range(4)]
    records = [replace(fact(state), partition=0) for state in states]
    records[1] = replace(poison(records[1]), partition=0)

    await room.send(*records)
    await room.settled()

    assert await count_of(reader, name) == 3
    assert await _replicated(reader, states) == 3
    for group in (FACTS, REPLICAS):
        letters = (await letters_of(reader, group, room.topic))[before[group] :]
        assert [(letter.reason, letter.parked) for letter in letters] == [(reason, False)], group
        assert letters[0].body == records[1].value
        assert letters[0].record_key == records[1].key


async def test_poison_that_comes_again_has_one_dead_letter(make_newsroom: Any) -> None:
    room = await make_newsroom()
    unknown = fact(issue("again")).but(ce_dataschema=b"urn:atelier:event:IssuePrinted:9")
    records = [unknown, replace(fact(issue("again")), value=b"no"), fact(issue("again"))]
    await room.send(*records, *records)
    first = await room.reader()
    async with consuming(first):
        await room.settled()
    await room.rewind(FACTS)
    await room.rewind(REPLICAS)

    second = await room.reader()
    async with consuming(second):
        await room.settled()

    for group in (FACTS, REPLICAS):
        reasons = [letter.reason for letter in await letters_of(second, group, room.topic)]
        assert sorted(reasons) == ["body", "version"], group
    assert await count_of(second, "again") == 1


async def test_an_unknown_type_is_skipped_and_counted(room: Newsroom, reader: Service) -> None:
    labels = {"topic": room.topic, "outcome": "skipped"}
    before = [_counted(labels | {"consumer": group}) for group in (FACTS, REPLICAS)]
    stranger = fact(issue("stranger")).but(ce_type=b"IssueRecycled", ce_dataschema=b"urn:x:7")

    await room.send(replace(stranger, value=b"whatever"), fact(issue("stranger")))
    await room.settled()

    after = [_counted(labels | {"consumer": group}) for group in (FACTS, REPLICAS)]
    assert [new - old for new, old in zip(after, before, strict=True)] == [1, 1]
    assert await count_of(reader, "stranger") == 1


async def test_an_unknown_field_and_an_unknown_header_are_ignored(room: Newsroom, reader: Service) -> None:
    state = issue("addition")
    newer = _with_body(lambda body: (_state(body).update(colour="red"), body.update(why="new")))
    await room.send(newer(fact(state)).but(baggage=b"\xff", other=None))
    await room.settled()

    assert await count_of(reader, "addition") == 1
    assert await _replicated(reader, [state]) == 1


async def test_data_that_postgresql_refuses_is_a_dead_letter_and_its_batch_goes_on(
    room: Newsroom, reader: Service
) -> None:
    states = [issue("nul"), issue("n\0l"), issue("nul")]

    await room.send(*(replace(fact(state), partition=1) for state in states))
    await room.settled()

    assert await count_of(reader, "nul") == 2
    assert await _replicated(reader, states) == 2
    for group, reason in ((FACTS, "handler"), (REPLICAS, "data")):
        letter = (await letters_of(reader, group, room.topic))[-1]
        assert (letter.reason, letter.aggregate_id) == (reason, states[1].id)


async def test_facts_behind_a_dead_letter_are_parked_and_redriven_in_the_order_of_their_versions(
    make_newsroom: Any, make_process: Any
) -> None:
    room = await make_newsroom()
    service = await room.reader()
    await run(service, "INSERT INTO tallies VALUES ('full', 0, :full)", full=FULL)
    stuck, other = issue("full"), issue("other")
    history = [fact(stuck), *(fact(stuck, version, IssueReprinted) for version in (2, 3))]

    async with consuming(service):
        await room.send(history[0], fact(other), history[1], history[2], *history)
        await room.settled()
        letters = await letters_of(service, FACTS, room.topic)
        assert [(one.version, one.reason, one.parked) for one in letters] == [
            (1, "handler", False),
            (2, "parked", True),
            (3, "parked", True),
        ]
        assert await count_of(service, "other") == 1
        assert not await letters_of(service, REPLICAS, room.topic)

        await _redrive_by_command_line(room, service, make_process)
        await room.send(*history, fact(stuck, 4, IssueReprinted))
        await room.settled()

    closed = await letters_of(service, FACTS, room.topic)
    assert [one.version for one in sorted(closed, key=lambda one: one.closed_at)] == [1, 2, 3]
    assert await count_of(service, "full") == 4
    assert await redrive_letters(service) == (0, 0)


async def _redrive_by_command_line(room: Newsroom, service: Service, make_process: Any) -> None:
    process = make_process("reader", room.environment())
    listed = await process.command("dead-letters", "list")
    assert listed.returncode == 0
    assert listed.stdout.count("IssueReprinted") == 2
    assert "integer out of range" in listed.stdout

    assert await redrive_letters(service) == (0, 1)
    letters = await letters_of(service, FACTS, room.topic)
    assert [one.closed_at for one in letters] == [None] * 3, "a failing letter holds back its aggregate"
    assert await count_of(service, "full") == 0

    await run(service, "UPDATE tallies SET copies = 0 WHERE title = 'full'")
    redriven = await process.command("dead-letters", "redrive")
    assert (redriven.returncode, redriven.stdout) == (0, "3 closed, 0 still failing.\n")


async def test_a_redrive_of_one_aggregate_leaves_the_others(room: Newsroom, reader: Service) -> None:
    await run(reader, "INSERT INTO tallies VALUES ('one of two', 0, :full)", full=FULL)
    first, second = issue("one of two"), issue("one of two")
    await room.send(fact(first), fact(second))
    await room.settled()
    await run(reader, "UPDATE tallies SET copies = 0 WHERE title = 'one of two'")

    assert await redrive_letters(reader, first.id) == (1, 0)
    assert await count_of(reader, "one of two") == 1
    assert await redrive_letters(reader, second.id) == (1, 0)
    assert await count_of(reader, "one of two") == 2


async def test_letters_are_redriven_in_their_order_over_many_pages(
    make_newsroom: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operating, "PAGE", 2)
    room = await make_newsroom()
    service = await room.reader()
    await run(service, "INSERT INTO tallies VALUES ('paged', 0, :full)", full=FULL)
    issues = [issue("paged") for _ in range(3)]
    async with consuming(service):
        for version, event in ((1, IssuePrinted), (2, IssueReprinted), (3, IssueReprinted)):
            await room.send(*(fact(one, version, event) for one in issues))
        await room.settled()

    assert await redrive_letters(service) == (0, 3)
    await run(service, "UPDATE tallies SET copies = 0 WHERE title = 'paged'")
    nowhere = "UPDATE dead_letters SET aggregate_id = NULL, version = :version WHERE aggregate_id = :id"
    await run(service, f"{nowhere} AND version = 3", id=issues[0].id, version=None)
    statement = dead_letters.open_letters(FACTS)
    async with service.sessions() as session:
        at_once = [one.id for one in (await session.execute(statement)).scalars()]
    assert [one.id async for one in operating._one_by_one(service, statement)] == at_once
    assert len(at_once) == 9

    assert await redrive_letters(service) == (9, 0)
    assert await count_of(service, "paged") == 9


async def test_a_letter_that_is_given_up_lets_what_waits_behind_it_go_on(
    make_newsroom: Any, make_process: Any
) -> None:
    room = await make_newsroom()
    service = await room.reader()
    await run(service, "INSERT INTO tallies VALUES ('hopeless', 0, :full)", full=FULL)
    stuck = issue("hopeless")
    async with consuming(service):
        await room.send(fact(stuck), fact(stuck, 2, IssueReprinted))
        await room.settled()
    hopeless, behind = sorted(await letters_of(service, FACTS, room.topic), key=lambda one: one.version)

    process = make_process("reader", room.environment())
    assert (await process.command("dead-letters", "give-up", str(hopeless.id))).returncode == 0
    assert (await process.command("dead-letters", "give-up", str(hopeless.id))).returncode == 1
    await run(service, "UPDATE tallies SET copies = 0 WHERE title = 'hopeless'")

    assert await redrive_letters(service, stuck.id) == (1, 0)
    assert await count_of(service, "hopeless") == 1, "only what waited had its effect"
    assert behind.parked


async def test_a_fact_whose_newer_versions_came_is_redriven_into_the_replica_without_a_step_back(
    room: Newsroom, reader: Service
) -> None:
    bad = issue("n\0t yet")
    good = bad.model_copy(update={"title": "by now"})
    for sent in (fact(bad), fact(good, 2, IssueReprinted)):
        await room.send(sent)
        await room.settled()
    (letter,) = await rows(
        reader,
        "SELECT * FROM dead_letters WHERE consumer = :group AND aggregate_id = :id AND closed_at IS NULL",
        group=REPLICAS,
        id=bad.id,
    )
    assert letter.version == 1
    fixed = orjson.dumps({"state": orjson.loads(good.model_dump_json()) | {"title": "not yet"}})
    await run(reader, "UPDATE dead_letters SET body = :body WHERE id = :id", body=fixed, id=letter.id)

    await redrive_letters(reader, bad.id)

    (replica,) = await rows(reader, "SELECT version, state FROM replicas WHERE id = :id", id=bad.id)
    assert (replica.version, replica.state["title"]) == (2, "by now")


async def _replicated(service: Service, states: Sequence[IssueState]) -> int:
    found = await rows(
        service, "SELECT 1 FROM replicas WHERE id = ANY(:ids)", ids=[state.id for state in states]
    )
    return len(found)


def _counted(labels: dict[str, str]) -> float:
    return REGISTRY.get_sample_value("consumed_records_total", labels) or 0
