"""The command line that every service has: serve, migrate, and what operators need."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer
import uvloop
from pydantic import ValidationError
from sqlalchemy import Select

from atelier.contracts.model import State
from atelier.runtime import process
from atelier.runtime.database import create_engine
from atelier.runtime.errors import DomainError
from atelier.runtime.http.app import public_document
from atelier.runtime.http.errors import is_away
from atelier.runtime.messaging import dead_letters
from atelier.runtime.messaging.facts import FactGroup
from atelier.runtime.messaging.replica_group import ReplicaGroup
from atelier.runtime.migrating import migrate
from atelier.runtime.rebuilding import Difference
from atelier.runtime.service import Declaration, Service, app_of
from atelier.runtime.settings import ServiceSettings
from atelier.runtime.tables import DeadLetterRow

T = TypeVar("T")
S = TypeVar("S", bound=ServiceSettings)
Group = FactGroup | ReplicaGroup
KindOption = Annotated[str | None, typer.Option("--kind", help="Only this kind, such as users.")]


def command_line(settings: type[S], bootstrap: Callable[[S], Declaration]) -> typer.Typer:
    """The commands of one service; the environment is read by those that need it."""

    def declare() -> Declaration:
        return bootstrap(settings())

    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

    @app.command()
    def serve() -> None:
        """Answer requests, consume, relay and work, until SIGTERM."""
        uvloop.run(_serve(_declared(declare)))

    @app.command("migrate")
    def migrate_() -> None:
        """Bring the database to the newest schema; safe to repeat."""
        uvloop.run(_migrate(_declared(declare)))

    @app.command()
    def openapi() -> None:
        """Print the OpenAPI document of the public operations."""
        typer.echo(
            json.dumps(public_document(app_of(bootstrap(settings.for_document()))), indent=2, sort_keys=True)
        )

    app.add_typer(
        _dead_letter_commands(declare),
        name="dead-letters",
        help="Records that couldn't be handled.",
    )
    app.add_typer(_replica_commands(declare), name="replicas", help="What this service keeps of the others'.")
    return app


def _declared(declare: Callable[[], Declaration]) -> Declaration:
    """The declaration; a wrong setting is one sentence and exit code 2."""
    try:
        return declare()
    except ValidationError as wrong:
        for error in wrong.errors():
            typer.echo(f"Setting {'.'.join(map(str, error['loc']))}: {error['msg']}.", err=True)
        raise typer.Exit(2) from None


async def _serve(declaration: Declaration) -> None:
    await process.run(Service(declaration))


async def _migrate(declaration: Declaration) -> None:
    settings = declaration.settings
    engine = create_engine(settings.database_url.get_secret_value(), name=f"{settings.service}-migrate")
    await migrate(engine, declaration.migrations)
    await engine.dispose()


def _with_service(declare: Callable[[], Declaration], work: Callable[[Service], Coroutine[Any, Any, T]]) -> T:
    async def run() -> T:
        service = Service(_declared(declare))
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


def _dead_letter_commands(declare: Callable[[], Declaration]) -> typer.Typer:
    commands = typer.Typer(no_args_is_help=True)

    @commands.command("list")
    def list_() -> None:
        """Show the letters that wait, oldest version of each aggregate first."""
        letters = _with_service(declare, _open_letters)
        typer.echo("\n".join(map(_described_letter, letters)) or "No dead letters.")

    @commands.command()
    def redrive(
        aggregate: Annotated[UUID | None, typer.Option(help="Only this aggregate's.")] = None,
    ) -> None:
        """Handle the letters again, in version order; one that still fails holds back its aggregate."""
        closed, failed = _with_service(declare, lambda service: redrive_letters(service, aggregate))
        typer.echo(f"{closed} closed, {failed} still failing.")
        raise typer.Exit(1 if failed else 0)

    return commands


async def _open_letters(service: Service) -> list[DeadLetterRow]:
    return await _letters(service, dead_letters.open_letters().limit(1000))


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
    while True:
        letters = await _letters(service, dead_letters.open_letters(group.name, aggregate))
        waiting = [one for one in letters if one.id not in failed and one.aggregate_id not in held_back]
        if not waiting:
            return closed, len(failed)
        for letter in waiting:
            if letter.aggregate_id in held_back:
                continue
            if await group.redrive(letter):
                closed += 1
                continue
            failed.add(letter.id)
            held_back |= {letter.aggregate_id} - {None}


def _described_letter(letter: DeadLetterRow) -> str:
    """One line to search in and cut from: what it is, since when, and the first line of why."""
    event = f"{letter.event_type or 'unreadable'} {letter.version or '?'}"
    where = f"{letter.topic}/{letter.partition}@{letter.record_offset}"
    since = letter.created_at.isoformat(timespec="seconds")
    why = letter.detail.partition("\n")[0][:200]
    what = f"{letter.id} {letter.consumer} {event} of {letter.aggregate_id} at {where}"
    return f"{what} since {since} {letter.reason}: {why}"


def _replica_commands(declare: Callable[[], Declaration]) -> typer.Typer:
    commands = typer.Typer(no_args_is_help=True)

    @commands.command()
    def check(kind: KindOption = None) -> None:
        """Hold each replica against its owner: missing, stale and extra ids; exit code 1 if any."""
        results = _with_service(declare, lambda service: _each(service, kind, service.keeper.check))
        for name, difference in results.items():
            typer.echo(f"{name}: {_described(difference)}")
        raise typer.Exit(0 if all(difference.none for difference in results.values()) else 1)

    @commands.command()
    def rebuild(kind: KindOption = None) -> None:
        """Take everything over from the owners again, while the service goes on."""
        results = _with_service(declare, lambda service: _each(service, kind, service.keeper.rebuild))
        for name, count in results.items():
            typer.echo(f"{name}: {count} read.")

    return commands


async def _each(
    service: Service, kind: str | None, work: Callable[[type[State]], Awaitable[T]]
) -> dict[str, T]:
    states = [state for state in service.declaration.replicas if kind in (None, state.kind)]
    return {state.kind: await work(state) for state in states}


def _described(difference: Difference) -> str:
    if difference.none:
        return "as its owner."
    parts = {"missing": difference.missing, "stale": difference.stale, "extra": difference.extra}
    return ", ".join(f"{len(ids)} {name} ({ids[0]} …)" for name, ids in parts.items() if ids)
