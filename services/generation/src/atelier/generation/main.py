"""Generation's command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atelier.generation.settings import Settings
from atelier.runtime.cli import command_line

if TYPE_CHECKING:
    from atelier.runtime.service import Declaration


def _declare(settings: Settings) -> Declaration:
    from atelier.generation.bootstrap import declare  # for the commands that need it

    return declare(settings)


app = command_line(Settings, _declare)
