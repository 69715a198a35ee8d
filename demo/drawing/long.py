"""Dresses and coats."""

from __future__ import annotations

from demo.drawing.cloth import Cloth, Pieces, button, fold, seam, stitches
from demo.drawing.outline import both_sides, closed, path, symmetric
from demo.drawing.torso import armhole, neckline, shirt_collar, sleeve_folds

HORN = "#4a3524"


def dress(cloth: Cloth, back: bool) -> str:
    """A sleeveless dress that is narrow at the waist and wide at the hem."""
    pieces, neck = Pieces(cloth), neckline(back, 62)
    outline = symmetric(
        (0, neck),
        ((26, neck - 2), (40, 182), (50, 150)),
        ((78, 156),),
        ((80, 200), (92, 232), (100, 246)),
        ((92, 300), (82, 330), (80, 362)),
        ((104, 460), (150, 640), (168, 732)),
        ((110, 748), (50, 750), (0, 750)),
    )
    skirt = "".join(
        fold(path((x * 0.42, 380), ((x * 0.5, 480), (x * 0.86, 610), (x, 742))), width)
        for x, width in ((-140, 13), (-92, 17), (-44, 14), (8, 17), (58, 15), (104, 18), (146, 12))
    )
    waist = seam(path((-80, 360), ((-30, 368), (30, 368), (80, 360))))
    bust = both_sides(fold(path((84, 262), ((70, 280), (54, 288), (40, 288))), 9))
    zipper = seam(path((0, neck), ((0, 470),))) if back else ""
    hem = stitches(path((-166, 724), ((-60, 742), (60, 742), (166, 724))), "#000", 0.25)
    return pieces.cut(outline, waist + zipper + hem, skirt + bust)


def coat(cloth: Cloth, back: bool) -> str:
    """A long single-breasted coat with lapels and patch pockets."""
    pieces, neck = Pieces(cloth), neckline(back, 92)
    sleeve = pieces.cut(_narrow_sleeve(), seam(path((148, 452), ((188, 446),))), sleeve_folds(470))
    outline = symmetric(
        (0, neck),
        ((18, neck - 30), (40, 176), (48, 148)),
        ((120, 178),),
        ((113, 200), (106, 225), (107, 252)),
        ((104, 360), (122, 600), (132, 736)),
        ((90, 746), (40, 746), (0, 746)),
    )
    torso = pieces.cut(outline, _coat_back() if back else _coat_front(), _coat_folds())
    collar = shirt_collar(pieces, neck, back=True) if back else _lapels(pieces)
    return both_sides(sleeve) + torso + both_sides(armhole()) + collar


def _narrow_sleeve() -> str:
    return closed(
        (113, 173),
        ((138, 180), (146, 205), (151, 235)),
        ((164, 320), (178, 400), (184, 462)),
        ((172, 470), (156, 474), (146, 474)),
        ((138, 400), (116, 300), (103, 250)),
        ((104, 225), (108, 200), (113, 173)),
    )


def _coat_folds() -> str:
    return (
        fold(path((92, 262), ((76, 300), (70, 330), (66, 360))), 11)
        + fold(path((-84, 420), ((-92, 520), (-98, 620), (-104, 734))), 15)
        + fold(path((64, 470), ((72, 560), (78, 650), (80, 740))), 15)
        + fold(path((-40, 520), ((-44, 600), (-46, 680), (-48, 740))), 10)
    )


def _coat_front() -> str:
    pocket = path(
        (46, 474),
        ((46, 542), (50, 552), (60, 552)),
        ((92, 552),),
        ((102, 552), (104, 546), (104, 538)),
        ((102, 470),),
    )
    edge = path((14, 250), ((16, 420), (16, 600), (16, 746)))
    return (
        both_sides(seam(pocket + " Z") + stitches(pocket, "#000", 0.25))
        + seam(edge)
        + "".join(button(4, y, HORN, 6) for y in (292, 366, 440))
    )


def _coat_back() -> str:
    belt = (
        path(
            (-74, 388), ((-30, 394), (30, 394), (74, 388)), ((74, 410),), ((30, 416), (-30, 416), (-74, 410))
        )
        + " Z"
    )
    return (
        seam(path((0, 160), ((0, 746),)))
        + f'<path d="{belt}" fill="#000" fill-opacity=".10"/>'
        + seam(belt)
        + button(-60, 401, HORN, 5)
        + button(60, 401, HORN, 5)
    )


def _lapels(pieces: Pieces) -> str:
    lapel = closed(
        (4, 256),
        ((16, 226), (34, 190), (46, 146)),
        ((58, 148),),
        ((84, 190),),
        ((66, 196),),
        ((78, 208),),
        ((60, 236), (30, 254), (4, 256)),
    )
    return both_sides(pieces.cut(lapel, seam(path((66, 196), ((44, 186),)))))
