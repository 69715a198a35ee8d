"""What all garments of the upper body share: torso, sleeves, necklines and collars."""

from __future__ import annotations

from demo.drawing.cloth import Pieces, fold, seam
from demo.drawing.outline import both_sides, closed, path, symmetric


def neckline(back: bool, depth: float) -> float:
    """How far down a neckline goes in the middle; backs go up to the neck."""
    return 157 if back else 157 + depth


def torso_outline(neck: float, hem: float, width: float, neck_width: float = 44) -> str:
    """The body of a top, without sleeves: `width` is half of it at the hem."""
    return symmetric(
        (0, neck),
        ((neck_width * 0.55, neck), (neck_width * 0.9, neck - (neck - 150) * 0.4), (neck_width, 147)),
        ((122, 176),),
        ((114, 200), (106, 225), (108, 252)),
        ((107, 320), (width - 2, 380), (width, hem - 4)),
        ((width * 0.6, hem + 3), (width * 0.3, hem + 3), (0, hem + 3)),
    )


def sleeve_outline(cuff_y: float, loose: float = 0) -> str:
    """The right sleeve, down to `cuff_y`, `loose` wider than the arm needs."""
    reach = (cuff_y - 180) / 290
    out, into = 122 + 100 * reach + loose, 122 + 52 * reach - loose * 0.3
    return closed(
        (113, 173),
        ((140, 180), (152, 205), (158, 235)),
        ((158 + (out - 158) * 0.4, 235 + (cuff_y - 235) * 0.4), (out - 10, cuff_y - 60), (out, cuff_y - 7)),
        ((out - 12, cuff_y - 1), (into + 12, cuff_y + 5), (into, cuff_y + 6)),
        ((into - 12, cuff_y - 70), (112, 285), (103, 250)),
        ((104, 225), (108, 200), (113, 173)),
    )


def sleeve_folds(cuff_y: float) -> str:
    reach = (cuff_y - 180) / 290
    return fold(path((140, 215), ((132, 235), (122, 250), (112, 262))), 8) + fold(
        path(
            (122 + 62 * reach, cuff_y - 130), ((150, cuff_y - 112), (142, cuff_y - 100), (136, cuff_y - 96))
        ),
        7,
    )


def torso_folds() -> str:
    return (
        fold(path((88, 250), ((70, 275), (52, 300), (34, 310))), 11)
        + fold(path((-92, 262), ((-70, 290), (-58, 330), (-40, 352))), 12)
        + fold(path((62, 372), ((50, 400), (52, 430), (44, 470))), 11)
        + fold(path((-34, 392), ((-26, 420), (-34, 450), (-28, 484))), 9)
    )


def collar_band(neck: float, width: float = 46, deep: float = 11) -> str:
    """A band along the neckline."""
    return symmetric(
        (0, neck + deep),
        ((width * 0.6, neck + deep), (width, neck + deep * 0.4 - (neck - 150) * 0.3), (width + 7, 150)),
        ((width - 3, 144),),
        ((width * 0.9 - 3, neck - (neck - 147) * 0.4), (width * 0.55, neck), (0, neck)),
    )


def shirt_collar(pieces: Pieces, neck: float, back: bool) -> str:
    if back:
        return pieces.cut(
            symmetric((0, 143), ((30, 142), (44, 144), (52, 152)), ((36, 170), (16, 174), (0, 174)))
        )
    half = closed(
        (3, neck + 2),
        ((20, 178), (36, 160), (43, 144)),
        ((56, 146),),
        ((70, 176),),
        ((36, 206),),
        ((24, 196), (12, 192), (3, neck + 2)),
    )
    return both_sides(pieces.cut(half))


def armhole() -> str:
    return seam(path((118, 176), ((112, 200), (105, 225), (106, 252))))
