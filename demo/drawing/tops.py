"""Knits, tees, hoodies and jackets."""

from __future__ import annotations

from demo.drawing.cloth import Cloth, Pieces, button, fold, ribs, seam, stitches
from demo.drawing.outline import both_sides, closed, path, symmetric
from demo.drawing.torso import (
    armhole,
    collar_band,
    neckline,
    shirt_collar,
    sleeve_folds,
    sleeve_outline,
    torso_folds,
    torso_outline,
)

BRASS = "#c79a4b"


def sweater(cloth: Cloth, back: bool) -> str:
    """A crew neck with ribbed hem, cuffs and collar."""
    pieces, neck = Pieces(cloth), neckline(back, 26)
    sleeve = pieces.cut(
        sleeve_outline(468, 4),
        ribs(168, 226, 447, 476, 6) + seam(path((166, 450), ((220, 444),))),
        sleeve_folds(468),
    )
    torso = pieces.cut(
        torso_outline(neck, 500, 108),
        ribs(-108, 108, 476, 504) + seam(path((-110, 475), ((-40, 479), (40, 479), (110, 475)))),
        torso_folds(),
    )
    band = pieces.cut(collar_band(neck), ribs(-52, 52, 146, neck + 14))
    return both_sides(sleeve) + torso + both_sides(armhole()) + band


def tee(cloth: Cloth, back: bool) -> str:
    """A T-shirt with short sleeves."""
    pieces, neck = Pieces(cloth), neckline(back, 32)
    sleeve = pieces.cut(
        sleeve_outline(300, 10), stitches(path((118, 296), ((170, 284),)), "#000", 0.3), sleeve_folds(300)
    )
    torso = pieces.cut(
        torso_outline(neck, 492, 102),
        stitches(path((-104, 484), ((-40, 488), (40, 488), (104, 484))), "#000", 0.3),
        torso_folds(),
    )
    band = pieces.cut(collar_band(neck, 45, 7), woven=False)
    return both_sides(sleeve) + torso + both_sides(armhole()) + band


def hoodie(cloth: Cloth, back: bool) -> str:
    """A hooded sweatshirt; the hood lies on the back."""
    pieces, neck = Pieces(cloth), neckline(back, 20)
    sleeve = pieces.cut(
        sleeve_outline(470, 9),
        ribs(164, 232, 449, 478, 6) + seam(path((160, 452), ((228, 446),))),
        sleeve_folds(470),
    )
    hem = ribs(-112, 112, 478, 504) + seam(path((-114, 477), ((-40, 481), (40, 481), (114, 477))))
    torso = pieces.cut(
        torso_outline(neck, 500, 111), hem + ("" if back else _kangaroo_pocket()), torso_folds()
    )
    return both_sides(sleeve) + torso + both_sides(armhole()) + _hood(pieces, back)


def jacket(cloth: Cloth, back: bool) -> str:
    """A trucker jacket with a collar, chest pockets and metal buttons."""
    pieces, neck = Pieces(cloth), neckline(back, 30)
    cuff = path((164, 446), ((222, 438),))
    sewn = seam(cuff) + stitches(path((164, 450), ((222, 442),)), cloth.thread)
    sleeve = pieces.cut(sleeve_outline(466, 5), sewn, sleeve_folds(466))
    details = _jacket_back(cloth) if back else _jacket_front(cloth)
    torso = pieces.cut(torso_outline(neck, 486, 106), details, torso_folds())
    return both_sides(sleeve) + torso + both_sides(armhole()) + shirt_collar(pieces, neck, back)


def _kangaroo_pocket() -> str:
    edge = path((-74, 470), ((-74, 436),), ((-46, 386),), ((46, 386),), ((74, 436),), ((74, 470),))
    sewn = path((-70, 470), ((-70, 438),), ((-44, 391),), ((44, 391),), ((70, 438),), ((70, 470),))
    return f'<path d="{edge} Z" fill="#000" fill-opacity=".07"/>' + seam(edge) + stitches(sewn, "#fff", 0.35)


def _hood(pieces: Pieces, back: bool) -> str:
    if back:
        hood = symmetric((0, 146), ((40, 145), (76, 152), (84, 176)), ((84, 232), (38, 262), (0, 268)))
        dip = fold(path((-40, 180), ((-20, 215), (20, 215), (40, 180))), 12)
        return pieces.cut(hood, seam(path((0, 146), ((0, 268),))), dip)
    half = closed(
        (2, 222),
        ((16, 196), (36, 172), (46, 146)),
        ((62, 146), (82, 160), (86, 182)),
        ((70, 214), (32, 232), (2, 222)),
    )
    cord = path((16, 212), ((18, 240), (12, 265), (16, 300)))
    cords = f'<path d="{cord}" fill="none" stroke="#f4efe6" stroke-width="4.5" stroke-linecap="round"/>'
    return both_sides(
        pieces.cut(half, folds=fold(path((70, 168), ((58, 192), (40, 206), (20, 214))), 8))
    ) + both_sides(cords)


def _jacket_front(cloth: Cloth) -> str:
    yoke = path((-112, 236), ((-40, 240), (40, 240), (112, 236)))
    panel = path((62, 238), ((50, 330), (38, 400), (34, 462)))
    flap = path((36, 240), ((36, 262),), ((60, 275),), ((84, 262),), ((84, 239),))
    hem = path((-110, 462), ((-40, 466), (40, 466), (110, 462)))
    lines = both_sides(
        seam(panel)
        + stitches(panel, cloth.thread)
        + seam(flap)
        + stitches(flap, cloth.thread)
        + button(60, 264, BRASS, 3.6)
    )
    placket = (
        seam(path((11, 180), ((11, 490),)))
        + stitches(path((7, 180), ((7, 490),)), cloth.thread)
        + seam(path((-11, 180), ((-11, 490),)))
    )
    buttons = "".join(button(0, y, BRASS) for y in range(208, 480, 44))
    return (
        seam(yoke)
        + stitches(yoke, cloth.thread)
        + lines
        + seam(hem)
        + stitches(hem, cloth.thread)
        + placket
        + buttons
    )


def _jacket_back(cloth: Cloth) -> str:
    yoke = path((-112, 236), ((-60, 250), (-20, 262), (0, 262)), ((20, 262), (60, 250), (112, 236)))
    panel, hem = (
        path((44, 254), ((38, 340), (32, 400), (30, 462))),
        path((-110, 462), ((-40, 466), (40, 466), (110, 462))),
    )
    return (
        seam(yoke)
        + stitches(yoke, cloth.thread)
        + both_sides(seam(panel) + stitches(panel, cloth.thread))
        + seam(hem)
        + stitches(hem, cloth.thread)
    )
