"""Hold a house at rest against itself: rows, topics, replicas, inboxes, the bucket, and who uses what in it.

Knows nothing of what was written.

    await at_rest(stack)
    assert await violations(stack) == []

Each service's own declaration says what it owns, keeps and acts on, so a new one is held as well.
"""

from __future__ import annotations

import asyncio
import importlib
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from atelier.contracts.media import Attaching
from atelier.contracts.model import State
from atelier.contracts.topics import INSIDE, TOPICS, Topic, Topics
from atelier.runtime.database import create_engine, sessions_of
from atelier.runtime.http.internal import OwnedKind
from atelier.runtime.service import Declaration
from atelier.runtime.tables import DeadLetterRow, InboxRow, ReplicaRow
from atelier.stack.services import SERVICES
from atelier.stack.testing import SupervisedStack
from house import bucket
from house.topic_log import Told, lag, read_topics

Versions = Mapping[UUID, tuple[int, State]]
Use = tuple[object, ...]
"""A use of a resource: its id, the aggregate's kind and id, the entity's type and id, slot, position."""

LEAKED = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND state LIKE 'idle in transaction%' AND state_change < now() - interval '1 second'"
)
STANDING = ("sweep-unattached", "sweep-renditions")
"""Kinds of jobs that never end: they look for something now and then."""
OVERDUE = text(
    "SELECT count(*) FROM jobs WHERE finished_at IS NULL AND run_at < now() AND kind <> ALL(:standing)"
).bindparams(standing=list(STANDING))
USES = text(
    "SELECT resource_id, kind, aggregate_id, entity_type, entity_id, slot, position FROM media_attachments"
)
WAITING = text("SELECT count(*) FROM outbox")


@dataclass
class Book:
    """What one service's database says."""

    name: str
    declared: Declaration
    owned: dict[type[State], dict[UUID, tuple[int, State]]] = field(default_factory=dict)
    replicas: list[ReplicaRow] = field(default_factory=list)
    inbox: list[InboxRow] = field(default_factory=list)
    letters: list[DeadLetterRow] = field(default_factory=list)
    waiting: int = 0
    overdue: int = 0
    leaked: int = 0


def declarations() -> dict[str, Declaration]:
    """Every service that has a database, as it declares itself."""
    return {service.name: _declaration(service.name) for service in SERVICES if service.needs_database}


def groups() -> dict[str, set[str]]:
    """Consumer group → topics that it reads."""
    topics, read = Topics(TOPICS), defaultdict(set)
    for name, declared in declarations().items():
        for state in declared.replicas:
            read[f"{name}.replicas"].add(topics.of_state(state).name)
        for event in declared.facts:
            read[name].add(topics.of_event(event).name)
    return dict(read)


async def at_rest(stack: SupervisedStack, within: float = 60.0) -> None:
    """Wait until outboxes, lag and jobs that are due have gone to zero; AssertionError when they don't.

    Bytes that a killed service had stored and nobody named are removed by a job, which is made due.
    """
    deadline = time.monotonic() + within
    await _until_rest(stack, deadline)
    await bucket.bring_removals_forward(stack)
    await _until_rest(stack, deadline)


async def _until_rest(stack: SupervisedStack, deadline: float) -> None:
    while unrest := await _unrest(stack):
        assert time.monotonic() < deadline, f"no rest in time: {unrest}"
        await asyncio.sleep(0.1)


async def violations(stack: SupervisedStack) -> list[str]:
    """What doesn't fit together in a house at rest, a line each; nothing where all is well."""
    told = await read_topics(_bootstrap_servers(stack), TOPICS)
    books = [await _book(stack, name, declared) for name, declared in declarations().items()]
    found = [line for topic in TOPICS for line in _history(topic, told[topic])]
    for book in books:
        found += [*_left_over(book), *_rows(book, told), *_replicas(book, told), *_facts(book, told)]
    return [*found, *_uses(books, await _attachments(stack)), *await bucket.violations(stack)]


def _declaration(name: str) -> Declaration:
    settings = importlib.import_module(f"atelier.{name}.settings").Settings
    declared = importlib.import_module(f"atelier.{name}.bootstrap").declare(settings.for_document())
    assert isinstance(declared, Declaration)
    return declared


def _bootstrap_servers(stack: SupervisedStack) -> str:
    return stack.service_environment("identity")["KAFKA_BOOTSTRAP_SERVERS"]


async def _unrest(stack: SupervisedStack) -> dict[str, int]:
    counts = {"lag": await lag(_bootstrap_servers(stack), groups())}
    for name in declarations():
        async with _session(stack, name) as session:
            counts[f"{name}'s outbox"] = await session.scalar(WAITING) or 0
            counts[f"{name}'s jobs"] = await session.scalar(OVERDUE) or 0
    return {what: count for what, count in counts.items() if count}


@asynccontextmanager
async def _session(stack: SupervisedStack, name: str) -> AsyncIterator[AsyncSession]:
    url = stack.service_environment(name)[f"{name.upper()}_DATABASE_URL"]
    engine = create_engine(url, name="reconcile", pool_size=1)
    try:
        async with sessions_of(engine)() as session:
            yield session
    finally:
        await engine.dispose()


async def _book(stack: SupervisedStack, name: str, declared: Declaration) -> Book:
    book = Book(name, declared)
    async with _session(stack, name) as session:
        for kind in declared.kinds:
            book.owned[kind.state] = await _owned(session, kind)
        book.replicas = list(await session.scalars(select(ReplicaRow)))
        book.inbox = list(await session.scalars(select(InboxRow)))
        book.letters = list(await session.scalars(select(DeadLetterRow)))
        book.waiting = await session.scalar(WAITING) or 0
        book.overdue = await session.scalar(OVERDUE) or 0
        book.leaked = await session.scalar(LEAKED) or 0
    return book


async def _owned(session: AsyncSession, kind: OwnedKind) -> dict[UUID, tuple[int, State]]:
    rows = await session.scalars(select(kind.row).options(*kind.options))
    return {row.id: (row.version, row.state()) for row in rows}


def _left_over(book: Book) -> Iterator[str]:
    """I6 and I7: nothing waits, nothing is held open."""
    if book.waiting:
        yield f"{book.name}: {book.waiting} events wait in the outbox"
    if book.overdue:
        yield f"{book.name}: {book.overdue} jobs are overdue"
    if book.leaked:
        yield f"{book.name}: {book.leaked} connections are idle in a transaction"
    for letter in book.letters:
        yield f"{book.name}: dead letter of {letter.consumer}: {letter.reason}, {letter.detail[:200]}"


def _history(topic: Topic, told: Sequence[Told]) -> Iterator[str]:
    """I1, I2, I4: versions 1..n of each aggregate, first occurrences in order, repetitions the same."""
    for id_, events in by_aggregate(told).items():
        where = f"{topic.name} {id_}"
        versions = [one.version for one in first_occurrences(events)]
        if versions != list(range(1, len(versions) + 1)):
            yield f"{where}: first occurrences in the order {versions}"
        if len({one.partition for one in events}) > 1:
            yield f"{where}: in several partitions"
        if len({(one.version, one.envelope.id, one.body) for one in events}) != len(versions):
            yield f"{where}: a version was told with different contents"
        for one in events:
            if one.key != str(id_).encode() or one.event.state.id != id_:
                yield f"{where}: version {one.version} has the key {one.key!r} or another aggregate's state"
            if type(one.event) not in topic.events:
                yield f"{where}: version {one.version} is a {type(one.event).__name__}"


def _rows(book: Book, told: Mapping[Topic, Sequence[Told]]) -> Iterator[str]:
    """I1, I2: the newest event of an aggregate is its row; where there is none, its end was told."""
    # what is told as a part of the aggregate around it has no events of its own
    for state, rows in ((state, rows) for state, rows in book.owned.items() if state not in INSIDE):
        topic = Topics(TOPICS).of_state(state)
        latest = newest(told[topic])
        for id_ in rows.keys() - latest.keys():
            yield f"{book.name}: {state.kind} {id_} was never told"
        for id_, (version, last) in latest.items():
            if id_ not in rows:
                if last.deleted_at is None:
                    yield f"{book.name}: {state.kind} {id_} has no row, and its end was never told"
            elif rows[id_][0] != version:
                yield f"{book.name}: {state.kind} {id_} has version {rows[id_][0]}, told was {version}"
            elif rows[id_][1] != last:
                yield f"{book.name}: {state.kind} {id_} is {rows[id_][1]!r}, told was {last!r}"


def _replicas(book: Book, told: Mapping[Topic, Sequence[Told]]) -> Iterator[str]:
    """I1: each replica has the highest version that was told, and that version's state."""
    for state in book.declared.replicas:
        kept = {row.id: row for row in book.replicas if row.kind == state.kind}
        latest = newest(told[Topics(TOPICS).of_state(state)])
        for id_ in kept.keys() ^ latest.keys():
            yield f"{book.name}: the replica of {state.kind} {id_} is {'extra' if id_ in kept else 'missing'}"
        for id_ in kept.keys() & latest.keys():
            version, last = latest[id_]
            row, where = kept[id_], f"{book.name}: the replica of {state.kind} {id_}"
            if (row.version, row.deleted) != (version, last.deleted_at is not None):
                yield f"{where} has version {row.version}, deleted {row.deleted}; told was {version}"
            elif state.model_validate(row.state) != last:
                yield f"{where} is {row.state!r}, told was {last!r}"


def _facts(book: Book, told: Mapping[Topic, Sequence[Told]]) -> Iterator[str]:
    """I1, I3: each fact that the service acts on is in its inbox or a dead letter, and nothing else is."""
    topics, acted_on = Topics(TOPICS), tuple(book.declared.facts)
    read = {topics.of_event(event) for event in acted_on}
    facts = {one.envelope.id for topic in read for one in told[topic] if isinstance(one.event, acted_on)}
    handled = {row.event_id for row in book.inbox if row.consumer == book.name}
    aside = {letter.event_id for letter in book.letters if letter.consumer == book.name}
    for id_ in facts - handled - aside:
        yield f"{book.name}: the fact {id_} had no effect"
    for id_ in handled & aside:
        yield f"{book.name}: the fact {id_} was handled and set aside"
    for id_ in handled - facts:
        yield f"{book.name}: the fact {id_} was handled but is in no topic"


async def _attachments(stack: SupervisedStack) -> set[Use]:
    async with _session(stack, "media") as session:
        return {tuple(row) for row in await session.execute(USES)}


def _uses(books: Sequence[Book], attachments: set[Use]) -> Iterator[str]:
    """What holders hold is attached, just so; what nobody holds yet or any more is for the sweep."""
    held = {
        (use.media.id, state.kind, id_, use.entity_type, use.entity_id, use.slot, use.position)
        for book in books
        for state, rows in book.owned.items()
        if issubclass(state, Attaching)
        for id_, (_, now) in rows.items()
        if isinstance(now, Attaching) and now.deleted_at is None
        for use in now.attached()
    }
    for use in held - attachments:
        yield f"media: {use} isn't attached"


def by_aggregate(told: Sequence[Told]) -> dict[UUID, list[Told]]:
    """Records by the aggregate that they tell of, each in order."""
    found: dict[UUID, list[Told]] = defaultdict(list)
    for one in told:
        found[one.envelope.subject].append(one)
    return found


def first_occurrences(events: Sequence[Told]) -> list[Told]:
    """The records of one aggregate without repetitions."""
    first: dict[int, Told] = {}
    for one in events:
        first.setdefault(one.version, one)
    return list(first.values())


def newest(told: Sequence[Told]) -> Versions:
    """The highest version of each aggregate, with its state."""
    found: dict[UUID, tuple[int, State]] = {}
    for one in told:
        if one.version > found.get(one.envelope.subject, (0,))[0]:
            found[one.envelope.subject] = (one.version, one.event.state)
    return found
