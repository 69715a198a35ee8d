"""Identity's command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from atelier.identity.settings import Settings
from atelier.runtime.cli import command_line, read_settings

if TYPE_CHECKING:
    from atelier.runtime.service import Declaration


def _declare(settings: Settings) -> Declaration:
    from atelier.identity.bootstrap import declare  # for the commands that need it

    return declare(settings)


app = command_line(Settings, _declare)
_signing_keys = typer.Typer(no_args_is_help=True)
app.add_typer(_signing_keys, name="signing-keys", help="Keys that sign access tokens.")


@_signing_keys.callback()
def _group() -> None:
    """Keys that sign access tokens."""


@_signing_keys.command()
def rotate(
    compromised: Annotated[
        bool, typer.Option("--compromised", help="Take the old keys back at once and log everybody out.")
    ] = False,
) -> None:
    """Publish a new key now; it signs a while later, and the old one stays until its tokens have expired."""
    from atelier.identity import operating

    settings = read_settings(Settings)
    work = operating.replace_compromised if compromised else operating.rotate
    work(_declare(settings), settings)
