"""The command line that every service has: serve, migrate, and what operators need.

A command imports what it needs when it runs: a migration doesn't wait for the web framework.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar
from uuid import UUID

import typer
import uvloop
from pydantic import ValidationError

from atelier.runtime.settings import ServiceSettings

if TYPE_CHECKING:
    from atelier.runtime.service import Declaration

S = TypeVar("S", bound=ServiceSettings)
KindOption = Annotated[str | None, typer.Option("--kind", help="Only this kind, such as users.")]


def command_line(settings: type[S], bootstrap: Callable[[S], Declaration]) -> typer.Typer:
    """The commands of one service; the environment is read by those that need it."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

    def declare() -> Declaration:
        return bootstrap(read_settings(settings))

    @app.command()
    def serve() -> None:
        """Answer requests, consume, relay and work, until SIGTERM."""
        from atelier.runtime import process
        from atelier.runtime.service import Service

        uvloop.run(process.run(Service(declare())))

    @app.command()
    def migrate() -> None:
        """Bring the database to the newest schema; safe to repeat."""
        from atelier.runtime import migrating

        uvloop.run(migrating.migrate_database(read_settings(settings)))

    @app.command()
    def openapi() -> None:
        """Print the OpenAPI document of the public operations."""
        from atelier.runtime.http.app import public_document
        from atelier.runtime.service import app_of

        document = public_document(app_of(bootstrap(settings.for_document())))
        typer.echo(json.dumps(document, indent=2, sort_keys=True))

    letters, replicas = _dead_letter_commands(declare), _replica_commands(declare)
    app.add_typer(letters, name="dead-letters", help="Records that couldn't be handled.")
    app.add_typer(replicas, name="replicas", help="What this service keeps of the others'.")
    return app


def read_settings(settings: type[S]) -> S:
    """The settings; a wrong one is one sentence and exit code 2."""
    try:
        return settings()
    except ValidationError as wrong:
        for error in wrong.errors():
            typer.echo(f"Setting {'.'.join(map(str, error['loc']))}: {error['msg']}.", err=True)
        raise typer.Exit(2) from None


def _dead_letter_commands(declare: Callable[[], Declaration]) -> typer.Typer:
    commands = typer.Typer(no_args_is_help=True)

    @commands.command("list")
    def list_() -> None:
        """Show the letters that wait, oldest version of each aggregate first."""
        from atelier.runtime import operating

        operating.list_letters(declare())

    @commands.command()
    def redrive(
        aggregate: Annotated[UUID | None, typer.Option(help="Only this aggregate's.")] = None,
    ) -> None:
        """Handle the letters again, in version order; one that still fails holds back its aggregate."""
        from atelier.runtime import operating

        raise typer.Exit(0 if operating.redrive(declare(), aggregate) else 1)

    @commands.command("give-up")
    def give_up(letter: Annotated[int, typer.Argument(help="Its id in the list.")]) -> None:
        """Close a letter that can never be handled, without its effect; what waits behind it may go on."""
        from atelier.runtime import operating

        raise typer.Exit(0 if operating.give_up(declare(), letter) else 1)

    return commands


def _replica_commands(declare: Callable[[], Declaration]) -> typer.Typer:
    commands = typer.Typer(no_args_is_help=True)

    @commands.command()
    def check(kind: KindOption = None) -> None:
        """Hold each replica against its owner: missing, stale and extra ids; exit code 1 if any."""
        from atelier.runtime import operating

        raise typer.Exit(0 if operating.check(declare(), kind) else 1)

    @commands.command()
    def rebuild(kind: KindOption = None) -> None:
        """Take everything over from the owners again, while the service goes on."""
        from atelier.runtime import operating

        operating.rebuild(declare(), kind)

    return commands
