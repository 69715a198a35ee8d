"""`python -m demo`: from garments to approved pictures on the stack that runs, and two paths to look at."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from demo import contact_sheet, showing
from demo.api import Api, signed_in
from demo.drawing.garments import drawn
from demo.drawing.mannequin import views
from demo.drawing.wall import wall
from demo.errors import BadOptionError, DemoError
from demo.options import DEFAULT_LOOKS, Options
from demo.pictures import Garment, read_folder
from demo.progress import Stages, shown
from demo.road import Studio, walk

SHEET = "contact-sheet.png"


def main(environment: Mapping[str, str] | None = None) -> int:
    """Walk the road once. What goes wrong is a sentence on stderr and the exit code of its kind."""
    console = Console(stderr=False)
    try:
        options = Options.read(os.environ if environment is None else environment)
        archive, sheet = asyncio.run(_run(options, console))
    except DemoError as error:
        print(f"demo: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    console.print(f"Archive        {archive}\nContact sheet  {sheet}", highlight=False, soft_wrap=True)
    return 0


async def _run(options: Options, console: Console) -> tuple[Path, Path]:
    async with signed_in(options.gateway, options.login) as api:
        with shown(console) as stages:
            return await _walk(api, options, stages)


async def _walk(api: Api, options: Options, stages: Stages) -> tuple[Path, Path]:
    garments = await asyncio.to_thread(_garments, options, stages)
    _make(options.out)
    studio = Studio(await asyncio.to_thread(views), wall(), options.width, options.width * 4 // 3)
    delivered = await walk(api, garments, studio, options.out, stages)
    sheet = options.out / SHEET
    entries = await showing.entries(api, delivered.reviewed, delivered.archive)
    await asyncio.to_thread(contact_sheet.write, entries, "Atelier", sheet)
    return delivered.archive, sheet


def _garments(options: Options, stages: Stages) -> Sequence[Garment]:
    """Those of the folder, or drawn ones; as many as there are to be looks."""
    if options.images is None:
        return drawn(options.looks or DEFAULT_LOOKS)
    garments, unreadable = read_folder(options.images)
    for one in unreadable:
        stages.say(f"{one.filename} is skipped: {one.reason}.")
    if options.looks and options.looks > len(garments):
        stages.say(f"{len(garments)} pictures make {len(garments)} looks, not {options.looks}.")
    return garments[: options.looks]


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadOptionError(
            f"{folder} can't be made ({error.strerror}): set OUT to another folder."
        ) from None


if __name__ == "__main__":
    sys.exit(main())
