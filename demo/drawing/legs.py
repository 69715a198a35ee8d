"""Trousers and jeans."""

from __future__ import annotations

from demo.drawing.cloth import Cloth, Pieces, button, fold, seam, stitches
from demo.drawing.outline import both_sides, closed, path, symmetric

BRASS = "#c79a4b"


def trousers(cloth: Cloth, back: bool) -> str:
    """Wide trousers with a pleat on each leg."""
    pieces = Pieces(cloth)
    leg = _leg(knee=(100, 18), hem=(108, 14))
    pleat = seam(path((56, 430), ((60, 600), (58, 800), (60, 946))))
    folds = (
        fold(path((58, 440), ((62, 600), (60, 800), (62, 944))), 9)
        + fold(path((20, 500), ((44, 520), (60, 530), (84, 530))), 10)
        + fold(path((92, 700), ((96, 780), (94, 860), (98, 940))), 10)
    )
    legs = both_sides(pieces.cut(leg, pleat, folds))
    return legs + _waistband(pieces, 82) + _fly(back)


def jeans(cloth: Cloth, back: bool) -> str:
    """Straight jeans with five pockets."""
    pieces = Pieces(cloth)
    leg = _leg(knee=(86, 14), hem=(80, 18))
    side = path((100, 470), ((98, 600), (84, 760), (78, 946)))
    faded = '<ellipse cx="52" cy="600" rx="22" ry="110" fill="#fff" fill-opacity=".16"/>'
    knee = fold(path((24, 690), ((44, 704), (60, 706), (76, 698))), 8) + fold(
        path((26, 716), ((44, 726), (60, 726), (72, 720))), 7
    )
    hem = stitches(path((16, 938), ((82, 938),)), cloth.thread, 0.8)
    pockets = _back_pocket(cloth) if back else _front_pocket(cloth)
    legs = both_sides(pieces.cut(leg, stitches(side, cloth.thread, 0.5) + hem + pockets, faded + knee))
    return (
        legs + _waistband(pieces, 82, cloth.thread) + _fly(back) + ("" if back else button(0, 410, BRASS, 5))
    )


def _leg(knee: tuple[float, float], hem: tuple[float, float]) -> str:
    """The right leg: (outer, inner) x at knee and hem."""
    return closed(
        (0, 402),
        ((40, 404), (62, 404), (82, 401)),
        ((96, 430), (106, 470), (107, 505)),
        ((106, 580), (knee[0] + 4, 640), (knee[0], 710)),
        ((knee[0], 790), (hem[0], 870), (hem[0], 948)),
        ((hem[0] - 25, 957), (hem[1] + 25, 957), (hem[1], 952)),
        ((hem[1], 870), (knee[1], 790), (knee[1], 710)),
        ((knee[1] - 4, 620), (6, 560), (0, 520)),
    )


def _waistband(pieces: Pieces, width: float, thread: str = "#000000") -> str:
    band = symmetric(
        (0, 402),
        ((width * 0.5, 403), (width * 0.8, 401), (width, 398)),
        ((width + 5, 420),),
        ((width * 0.6, 426), (width * 0.3, 427), (0, 427)),
    )
    loops = "".join(
        f'<rect x="{x - 3}" y="398" width="6" height="30" fill="#000" fill-opacity=".18"/>'
        for x in (-58, -28, 28, 58)
    )
    return pieces.cut(
        band,
        stitches(path((-width - 4, 417), ((-30, 423), (30, 423), (width + 4, 417))), thread, 0.55) + loops,
    )


def _fly(back: bool) -> str:
    line = seam(path((0, 427), ((0, 522),)))
    return line if back else line + stitches(path((14, 428), ((15, 470), (14, 492), (2, 504))), "#fff", 0.35)


def _front_pocket(cloth: Cloth) -> str:
    opening = path((50, 426), ((54, 452), (74, 462), (100, 462)))
    return seam(opening) + stitches(opening, cloth.thread, 0.8)


def _back_pocket(cloth: Cloth) -> str:
    pocket = path((28, 462), ((80, 458),), ((82, 512),), ((56, 528),), ((30, 514),)) + " Z"
    return (
        seam(pocket)
        + stitches(pocket, cloth.thread, 0.8)
        + stitches(path((29, 486), ((45, 494), (58, 478), (81, 484))), cloth.thread, 0.7)
    )
