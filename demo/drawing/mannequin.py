"""A form without a face, from the front and from the back, on nothing: what garments are put on."""

from __future__ import annotations

import pyvips

from demo.drawing.cloth import Cloth, Pieces, definitions, fold, seam
from demo.drawing.outline import both_sides, closed, path, symmetric
from demo.pictures import Picture

LACQUER = Cloth("#d3cdc4", "plain")
HEIGHT = 1400
"""Pixels."""
HALF = 232
"""Units from the middle to the edge of the picture."""

VIEWS = {"front_full_body": False, "back_full_body": True}
"""Standard shot type → whether it is the back that is seen."""


def views() -> dict[str, Picture]:
    """A base image for each shot type that the demo takes."""
    return {
        name: Picture(f"mannequin-{name.replace('_', '-')}.png", "image/png", _drawn(back))
        for name, back in VIEWS.items()
    }


def _drawn(back: bool) -> bytes:
    pieces = Pieces(LACQUER)
    shapes = both_sides(_leg(pieces, back) + _arm(pieces)) + _trunk(pieces, back) + _head(pieces, back)
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{-HALF} -8 {2 * HALF} 1016" '
        f'width="{2 * HALF * HEIGHT / 1016:.0f}" height="{HEIGHT}">{definitions(LACQUER)}{shapes}</svg>'
    )
    return bytes(pyvips.Image.svgload_buffer(svg.encode()).pngsave_buffer(compression=6))


def _head(pieces: Pieces, back: bool) -> str:
    head = symmetric((0, 0), ((32, 0), (51, 24), (50, 62)), ((49, 92), (30, 124), (0, 128)))
    brow = "" if back else fold(path((-22, 66), ((-10, 58), (10, 58), (22, 66))), 9)
    nose = "" if back else fold(path((0, 62), ((3, 78), (3, 84), (0, 88))), 6)
    return pieces.cut(head, folds=brow + nose)


def _trunk(pieces: Pieces, back: bool) -> str:
    outline = symmetric(
        (0, 108),
        ((18, 110), (28, 112), (30, 118)),
        ((30, 142), (44, 156), (74, 164)),
        ((108, 171), (122, 182), (124, 204)),
        ((112, 214), (100, 232), (98, 252)),
        ((92, 300), (77, 326), (76, 358)),
        ((78, 400), (100, 430), (104, 470)),
        ((104, 500), (90, 520), (54, 524)),
        ((30, 526), (10, 530), (0, 532)),
    )
    spine = fold(path((0, 190), ((2, 280), (2, 360), (0, 440))), 8)
    chest = both_sides(fold(path((84, 262), ((70, 284), (40, 286), (16, 272))), 11)) + fold(
        path((0, 300), ((2, 330), (2, 360), (0, 384))), 6
    )
    blades = both_sides(fold(path((70, 214), ((50, 226), (44, 250), (52, 272))), 10))
    waist = seam(path((-77, 366), ((-30, 374), (30, 374), (77, 366))))
    return pieces.cut(outline, waist, spine + blades if back else chest)


def _arm(pieces: Pieces) -> str:
    outline = closed(
        (106, 178),
        ((130, 182), (140, 204), (143, 236)),
        ((150, 290), (168, 340), (180, 392)),
        ((188, 430), (196, 452), (202, 474)),
        ((212, 500), (214, 524), (208, 540)),
        ((200, 548), (190, 540), (187, 522)),
        ((182, 504), (180, 490), (178, 478)),
        ((166, 440), (150, 396), (140, 350)),
        ((124, 306), (108, 276), (104, 246)),
        ((100, 214), (98, 196), (106, 178)),
    )
    return pieces.cut(outline, seam(path((178, 478), ((190, 470), (198, 468), (202, 474)))))


def _leg(pieces: Pieces, back: bool) -> str:
    outline = closed(
        (0, 500),
        ((40, 490), (80, 470), (104, 462)),
        ((110, 530), (92, 640), (82, 700)),
        ((84, 770), (80, 850), (64, 928)),
        ((66, 950), (78, 970), (84, 986)),
        ((82, 998), (40, 1000), (32, 990)),
        ((32, 968), (34, 948), (32, 926)),
        ((20, 850), (20, 780), (26, 710)),
        ((18, 640), (4, 560), (0, 526)),
    )
    knee = fold(path((36, 690), ((48, 704), (64, 704), (74, 692))), 8)
    calf = fold(path((50, 740), ((56, 790), (54, 830), (48, 870))), 12)
    return pieces.cut(outline, folds=calf if back else knee)
