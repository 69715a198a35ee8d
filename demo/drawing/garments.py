"""The collection: designs, the colours that they come in, and their pictures on paper."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice

import pyvips

from demo.drawing import legs, long, tops
from demo.drawing.cloth import Cloth, definitions
from demo.pictures import Garment, Picture

PAPER = (243, 242, 239)
"""Red, green and blue of what garments lie on."""
PIXELS_A_UNIT = 1.35
"""How finely a body of 1000 units is drawn."""
COLOURS = 3
"""In which each design comes."""
MARGIN = 42
"""Units of paper around a garment."""


Cut = Callable[[Cloth, bool], str]
"""(cloth, from the back) → the shapes."""


@dataclass(frozen=True)
class Box:
    """What a picture shows: half its width and its rows, in units of the body."""

    half: float
    top: float
    bottom: float


@dataclass(frozen=True)
class Design:
    """A garment in several colours; names go with their cloths."""

    name: str
    category: str
    cut: Cut
    box: Box
    colours: tuple[tuple[str, Cloth], ...]


TOP, LONG, LEGS = Box(236, 140, 506), Box(192, 140, 752), Box(116, 396, 958)
COLLECTION = (
    Design(
        "Crew-neck knit",
        "Knitwear",
        tops.sweater,
        TOP,
        (
            ("terracotta", Cloth("#b5573a", "knit")),
            ("moss", Cloth("#5f6b43", "knit")),
            ("oatmeal", Cloth("#bda98a", "knit")),
        ),
    ),
    Design(
        "Sleeveless dress",
        "Dresses",
        long.dress,
        LONG,
        (
            ("bottle green", Cloth("#1f5a48", "plain")),
            ("poppy", Cloth("#b8322c", "plain")),
            ("night", Cloth("#27304e", "plain")),
        ),
    ),
    Design(
        "Trucker jacket",
        "Jackets",
        tops.jacket,
        TOP,
        (
            ("indigo", Cloth("#34507c", "denim", "#d9a441")),
            ("black", Cloth("#33343a", "denim", "#8c8c92")),
            ("sand", Cloth("#b08f62", "denim", "#f0dfc0")),
        ),
    ),
    Design(
        "Wide trousers",
        "Trousers",
        legs.trousers,
        LEGS,
        (
            ("tobacco", Cloth("#7a5738", "herringbone")),
            ("ink", Cloth("#2c3345", "herringbone")),
            ("sage", Cloth("#7c8a74", "herringbone")),
        ),
    ),
    Design(
        "Breton tee",
        "T-shirts",
        tops.tee,
        TOP,
        (
            ("navy stripes", Cloth("#dcd8cc", "stripes", "#28385e")),
            ("red stripes", Cloth("#dcd8cc", "stripes", "#a33a34")),
            ("pine stripes", Cloth("#d8d6c6", "stripes", "#2d5a49")),
        ),
    ),
    Design(
        "Long coat",
        "Coats",
        long.coat,
        LONG,
        (
            ("camel", Cloth("#b1824f", "herringbone")),
            ("charcoal", Cloth("#474a50", "herringbone")),
            ("burgundy", Cloth("#69283a", "herringbone")),
        ),
    ),
    Design(
        "Hooded sweatshirt",
        "Sweatshirts",
        tops.hoodie,
        TOP,
        (
            ("mustard", Cloth("#c8962e", "fleece")),
            ("slate", Cloth("#5b6b7d", "fleece")),
            ("plum", Cloth("#6b4560", "fleece")),
        ),
    ),
    Design(
        "Straight jeans",
        "Jeans",
        legs.jeans,
        LEGS,
        (
            ("mid blue", Cloth("#4a6c98", "denim", "#d9a441")),
            ("rinsed", Cloth("#28395a", "denim", "#c98f3a")),
            ("washed black", Cloth("#4b4c50", "denim", "#9a9aa0")),
        ),
    ),
)


def drawn(count: int) -> list[Garment]:
    """So many garments with front and back: each design in its first colour, then the next colours.

    Beyond the collection they come again, with SKUs of their own.
    """
    colourways = [(design, number) for number in range(COLOURS) for design in COLLECTION]
    chosen = islice(cycle(colourways), count)
    with ThreadPoolExecutor() as threads:  # libvips draws beside Python
        return list(threads.map(_garment, range(1, count + 1), chosen))


def picture(design: Design, cloth: Cloth, *, back: bool) -> bytes:
    """The garment on plain paper, as a JPEG."""
    box = design.box
    width, height = 2 * (box.half + MARGIN), box.bottom - box.top + 2 * MARGIN
    view = f"{-box.half - MARGIN:g} {box.top - MARGIN:g} {width:g} {height:g}"
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" '
        f'width="{width * PIXELS_A_UNIT:.0f}" height="{height * PIXELS_A_UNIT:.0f}">'
        f"{definitions(cloth)}{design.cut(cloth, back)}</svg>"
    )
    image = pyvips.Image.svgload_buffer(svg.encode())
    return bytes(image.flatten(background=PAPER).jpegsave_buffer(Q=90))


def _garment(number: int, chosen: tuple[Design, int]) -> Garment:
    design, colourway = chosen
    colour, cloth = design.colours[colourway]
    initials = "".join(word[0] for word in design.name.upper().split())
    sku = f"{initials}-{number:03d}"
    front, back = (
        Picture(f"{sku.lower()}-{side}.jpg", "image/jpeg", picture(design, cloth, back=side == "back"))
        for side in ("front", "back")
    )
    return Garment(f"{design.name}, {colour}", sku, front, back, colour, design.category)
