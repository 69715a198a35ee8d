"""One picture that shows the road: each product, what was made of it, and what was approved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import as_file, files
from pathlib import Path

import pyvips

CELL = (176, 234)
"""Pixels of one picture: 3 wide and 4 high."""
GAP, MARGIN, LINE = 10, 44, 20
BLOCKS = 2
"""Products beside each other."""
HEAD = 104
LABEL = 46
INSET = 0.42
"""Of a cell: how large a rejected picture is shown in the corner of its successor."""

INK, PALE, PAPER, CARD, RED = (38, 34, 30), (140, 130, 118), (250, 248, 244), (238, 234, 227), (190, 52, 42)
REGULAR, BOLD = "Lato", "Lato Bold"
FILES = {REGULAR: "Lato-Regular.ttf", BOLD: "Lato-Bold.ttf"}


@dataclass(frozen=True)
class ShotRow:
    """A shot: the pictures that were made for it, the last one accepted, and the file that was delivered."""

    shot_type: str
    predictions: tuple[bytes, ...]
    approved: bytes
    filename: str


@dataclass(frozen=True)
class Entry:
    """A product with its shots."""

    name: str
    sku: str
    product: bytes
    shots: tuple[ShotRow, ...]


@dataclass(frozen=True)
class Placed:
    """A picture with transparency, and where its upper left corner goes."""

    image: pyvips.Image
    x: int
    y: int


def write(entries: Sequence[Entry], title: str, to: Path) -> None:
    """Draw the sheet into a file whose ending says the format."""
    columns = 1 + 2 * max(len(entry.shots) for entry in entries)
    block = (columns * (CELL[0] + GAP) + MARGIN, CELL[1] + LABEL + MARGIN)
    blocks = min(BLOCKS, len(entries))
    rows = -(-len(entries) // blocks)
    width, height = MARGIN + blocks * block[0], HEAD + rows * block[1]
    placed = list(_heading(title, len(entries)))
    for number, entry in enumerate(entries):
        x, y = MARGIN + (number % blocks) * block[0], HEAD + (number // blocks) * block[1]
        placed += _entry(entry, x, y)
    paper = pyvips.Image.black(width, height, bands=3).new_from_image(PAPER).copy(interpretation="srgb")
    sheet = paper.composite(
        [one.image for one in placed], "over", x=[one.x for one in placed], y=[one.y for one in placed]
    )
    sheet.flatten(background=PAPER).cast("uchar").write_to_file(str(to))


def _heading(title: str, count: int) -> Iterator[Placed]:
    yield _text(title, MARGIN, 30, INK, 21, BOLD)
    products = f"{count} product{'s' if count != 1 else ''}"
    yield _text(f"{products}: as photographed, as generated, as approved and delivered", MARGIN, 66, PALE, 11)


def _entry(entry: Entry, x: int, y: int) -> Iterator[Placed]:
    """A product's row: its picture, then prediction and delivered file of each shot."""
    yield from _cell(entry.product, x, y, _shortened(entry.name, 26), entry.sku, cover=False)
    for shot in entry.shots:
        x += CELL[0] + GAP
        tries = len(shot.predictions)
        caption = "prediction" if tries == 1 else f"prediction, {tries} tries"
        yield from _cell(shot.predictions[-1], x, y, shot.shot_type.replace("_", " "), caption)
        for rejected in shot.predictions[:-1]:
            yield from _rejected(rejected, x, y)
        x += CELL[0] + GAP
        yield from _cell(shot.approved, x, y, "approved", _shortened(shot.filename, 40))
    return


def _cell(content: bytes, x: int, y: int, name: str, caption: str, *, cover: bool = True) -> Iterator[Placed]:
    yield Placed(_thumbnail(content, CELL, cover=cover), x, y)
    yield _text(name, x, y + CELL[1] + 6, INK, 9.5, BOLD)
    yield _text(caption, x, y + CELL[1] + 6 + LINE, PALE, 7)


def _rejected(content: bytes, x: int, y: int) -> Iterator[Placed]:
    """In the lower left corner, crossed out."""
    size = (round(CELL[0] * INSET), round(CELL[1] * INSET))
    frame = pyvips.Image.black(size[0] + 6, size[1] + 6, bands=3).new_from_image((255, 255, 255))
    corner = y + CELL[1] - size[1] - 8
    yield Placed(frame.copy(interpretation="srgb").addalpha(), x + 5, corner - 3)
    yield Placed(_thumbnail(content, size, cover=True), x + 8, corner)
    cross = pyvips.Image.svgload_buffer(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}">'
        f'<path d="M6,6 L{size[0] - 6},{size[1] - 6} M{size[0] - 6},6 L6,{size[1] - 6}" '
        f'stroke="rgb{RED}" stroke-width="3" stroke-linecap="round"/></svg>'.encode()
    )
    yield Placed(cross, x + 8, corner)


def _thumbnail(content: bytes, size: tuple[int, int], *, cover: bool) -> pyvips.Image:
    """Exactly that large: filled, or the whole picture on a card."""
    crop = "centre" if cover else "none"
    image = pyvips.Image.thumbnail_buffer(content, size[0], height=size[1], crop=crop)
    image = image.colourspace("srgb")
    if image.hasalpha():
        image = image.flatten(background=CARD)
    if not cover:
        image = image.gravity("centre", *size, extend="background", background=_corner(image))
    return image.addalpha()


def _corner(image: pyvips.Image) -> list[float]:
    """The colour that a plain background goes on with."""
    return list(image.getpoint(min(1, image.width - 1), min(1, image.height - 1)))


def _text(
    text: str, x: int, y: int, colour: tuple[int, int, int], size: float, font: str = REGULAR
) -> Placed:
    """Letters from a font that comes along: a machine need not have any."""
    with as_file(files("font_lato") / "files" / FILES[font]) as file:
        letters = pyvips.Image.text(
            escape(text, quote=False), font=f"{font} {size:g}", fontfile=str(file), dpi=96
        )
    inked = letters.new_from_image(colour).copy(interpretation="srgb")
    return Placed(inked.bandjoin(letters), x + letters.xoffset, y + letters.yoffset)


def _shortened(text: str, at_most: int) -> str:
    return text if len(text) <= at_most else f"{text[: at_most - 1]}…"
