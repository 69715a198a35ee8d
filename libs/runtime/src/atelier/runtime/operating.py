"""What operators do with a service from the command line: dead letters and replicas."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any, TypeVar
from uuid import UUID

import typer
from sqlalchemy import BigInteger, ColumnElement, Select, Uuid, func, tuple_
from sqlalchemy.orm import defer

from atelier.contracts.model import State
from atelier.runtime.away import is_away
from atelier.runtime.errors import DomainError, NotFoundError
from atelier.runtime.messaging import dead_letters
from atelier.runtime.messaging.facts import FactGroup
from atelier.runtime.messaging.replica_group import ReplicaGroup
from atelier.runtime.rebuilding import Difference
from atelier.runtime.service import Declaration, Service
from atelier.runtime.tables import DeadLetterRow

T = TypeVar("T")
Group = FactGroup | ReplicaGroup
PAGE = 100
"""Letters that are read at once; each has its record with it, up to some 256 KB."""
LAST = UUID(int=2**128 - 1)
"""Where letters without an aggregate come: behind all."""


def list_letters(declaration: Declaration) -> None:
    """Print the letters that wait, a line each."""
    letters = with_service(declaration, _open_letters)
    typer.echo("\n".join(map(_described_letter, letters)) or "No dead letters.")


def redrive(declaration: Declaration, aggregate: UUID | None) -> bool:
    """Redrive open letters and print how many; False where some still fail."""
    closed, failed = with_service(declaration, lambda service: redrive_letters(service, aggregate))
    typer.echo(f"{closed} closed, {failed} still failing.")
    return not failed


def give_up(declaration: Declaration, letter_id: int) -> bool:
    """Close a letter without its effect; False where there is no such open one."""
    given_up = with_service(declaration, lambda service: _give_up(service, letter_id))
    typer.echo(
        "Given up; what waits behind it can be redriven." if given_up else "No open letter has this id."
    )
    return given_up


def check(declaration: Declaration, kind: str | None) -> bool:
    """Print what each replica has other than its owner; False where there is something."""
    results = with_service(declaration, lambda service: _each(service, kind, service.keeper.check))
    for name, difference in results.items():
        typer.echo(f"{name}: {_described(difference)}")
    return all(difference.none for difference in results.values())


def rebuild(declaration: Declaration, kind: str | None) -> None:
    """Rebuild replicas and print how much was read."""
    results = with_service(declaration, lambda service: _each(service, kind, service.keeper.rebuild))
    for name, count in results.items():
        typer.echo(f"{name}: {count} read.")


async def _open_letters(service: Service) -> list[DeadLetterRow]:
    return await _letters(service, dead_letters.open_letters().limit(1000).options(defer(DeadLetterRow.body)))


async def _give_up(service: Service, letter_id: int) -> bool:
    async with service.sessions.begin() as session:
        return await dead_letters.close(session, letter_id)


async def _letters(service: Service, statement: Select[DeadLetterRow]) -> list[DeadLetterRow]:
    async with service.sessions() as session:
        return list((await session.execute(statement)).scalars())


async def redrive_letters(service: Service, aggregate: UUID | None = None) -> tuple[int, int]:
    """Redrive each group's open letters; returns how many were closed and how many still fail."""
    results = [await _redrive_group(service, group, aggregate) for group in service.groups]
    return sum(closed for closed, _ in results), sum(failed for _, failed in results)


async def _redrive_group(service: Service, group: Group, aggregate: UUID | None) -> tuple[int, int]:
    """Over and over until a look finds nothing new: facts may be parked while their letters are redriven."""
    closed = 0
    failed: set[int] = set()
    held_back: set[UUID | None] = set()
    found = True
    while found:
        found = False
        async for letter in _one_by_one(service, dead_letters.open_letters(group.name, aggregate)):
            if letter.id in failed or letter.aggregate_id in held_back:
                continue
            found = True
            if await group.redrive(letter):
                closed += 1
                continue
            failed.add(letter.id)
            held_back |= {letter.aggregate_id} - {None}
    return closed, len(failed)


async def _one_by_one(service: Service, statement: Select[DeadLetterRow]) -> AsyncIterator[DeadLetterRow]:
    """Every letter in a redrive's order, read by the page; those closed meanwhile don't shift it."""
    page = await _letters(service, statement.limit(PAGE))
    while page:
        for letter in page:
            yield letter
        page = await _letters(service, statement.where(_place() > _place_of(page[-1])).limit(PAGE))


def _place() -> ColumnElement[Any]:
    """The order of `dead_letters.open_letters` as one value, nulls where it has them."""
    aggregate = func.coalesce(DeadLetterRow.aggregate_id, LAST)
    return tuple_(aggregate, func.coalesce(DeadLetterRow.version, -1), DeadLetterRow.id)


def _place_of(letter: DeadLetterRow) -> ColumnElement[Any]:
    version = -1 if letter.version is None else letter.version
    values = (letter.aggregate_id or LAST, version, letter.id)
    return tuple_(*values, types=[Uuid(), BigInteger(), BigInteger()])


def _described_letter(letter: DeadLetterRow) -> str:
    """One line to search in and cut from: what it is, since when, and the first line of why."""
    event = f"{letter.event_type or 'unreadable'} {letter.version or '?'}"
    where = f"{letter.topic}/{letter.partition}@{letter.record_offset}"
    since = letter.created_at.isoformat(timespec="seconds")
    why = letter.detail.partition("\n")[0][:200]
    what = f"{letter.id} {letter.consumer} {event} of {letter.aggregate_id} at {where}"
    return f"{what} since {since} {letter.reason}: {why}"


def with_service(declaration: Declaration, work: Callable[[Service], Coroutine[Any, Any, T]]) -> T:
    """What that work returns; where the database is away, one sentence and exit code 1."""

    async def run() -> T:
        service = Service(declaration)
        try:
            return await work(service)
        finally:
            await service.close()

    try:
        return asyncio.run(run())
    except DomainError as problem:
        reason = problem.detail
    except Exception as failure:
        if not is_away(failure):
            raise
        reason = f"The database can't be reached: {failure}"
    typer.echo(reason, err=True)
    raise typer.Exit(1)


async def _each(
    service: Service, kind: str | None, work: Callable[[type[State]], Awaitable[T]]
) -> dict[str, T]:
    states = [state for state in service.declaration.replicas if kind in (None, state.kind)]
    if kind is not None and not states:
        known = ", ".join(state.kind for state in service.declaration.replicas) or "none"
        raise NotFoundError(f"{service.name} keeps no replica of {kind}; it keeps {known}.")
    return {state.kind: await work(state) for state in states}


def _described(difference: Difference) -> str:
    if difference.none:
        return "as its owner."
    parts = {"missing": difference.missing, "stale": difference.stale, "extra": difference.extra}
    return ", ".join(f"{len(ids)} {name} ({ids[0]} …)" for name, ids in parts.items() if ids)
