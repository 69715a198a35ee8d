"""Cloth: what fills an outline, how light falls on it, and what is sewn into it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Cloth:
    """A colour in hex, the weave that shows on it, and the colour of its thread."""

    colour: str
    weave: str
    thread: str = "#ffffff"


WEAVES = {
    "plain": "",
    "knit": (
        '<pattern id="weave" width="7" height="6" patternUnits="userSpaceOnUse">'
        '<path d="M0,0 L3.5,4 L7,0" fill="none" stroke="#000" stroke-opacity=".20" stroke-width="1.3"/>'
        '<path d="M0,2 L3.5,6 L7,2" fill="none" stroke="#fff" stroke-opacity=".14" stroke-width="1"/>'
        "</pattern>"
    ),
    "denim": (
        '<pattern id="weave" width="3" height="3" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(32)">'
        '<rect width="1.2" height="3" fill="#fff" fill-opacity=".13"/>'
        '<rect x="1.8" width=".8" height="3" fill="#000" fill-opacity=".16"/></pattern>'
    ),
    "stripes": (
        '<pattern id="weave" width="40" height="26" patternUnits="userSpaceOnUse">'
        '<rect y="6" width="40" height="9.5" fill="THREAD"/></pattern>'
    ),
    "herringbone": (
        '<pattern id="weave" width="12" height="6" patternUnits="userSpaceOnUse">'
        '<path d="M0,6 L6,0 L12,6 M0,12 L6,6 L12,12 M0,0 L6,-6 L12,0" fill="none" stroke="#000" '
        'stroke-opacity=".13" stroke-width="1.5"/></pattern>'
    ),
    "fleece": (
        '<pattern id="weave" width="2.4" height="2.4" patternUnits="userSpaceOnUse">'
        '<circle cx="1.2" cy="1.2" r=".6" fill="#fff" fill-opacity=".12"/></pattern>'
    ),
}
"""Patterns that lie on the colour; all have the id `weave`."""

SHARED = (
    '<filter id="soft" x="-5%" y="-5%" width="110%" height="110%"><feGaussianBlur stdDeviation="5"/></filter>'
    '<linearGradient id="round" x1="0" x2="1"><stop offset="0" stop-color="#000" stop-opacity=".30"/>'
    '<stop offset=".3" stop-color="#fff" stop-opacity=".13"/>'
    '<stop offset=".55" stop-color="#fff" stop-opacity=".02"/>'
    '<stop offset="1" stop-color="#000" stop-opacity=".34"/></linearGradient>'
    '<linearGradient id="down" x2="0" y2="1"><stop offset="0" stop-color="#fff" stop-opacity=".14"/>'
    '<stop offset="1" stop-color="#000" stop-opacity=".16"/></linearGradient>'
)


def definitions(cloth: Cloth) -> str:
    """What a drawing of this cloth refers to."""
    return f"<defs>{SHARED}{WEAVES[cloth.weave].replace('THREAD', cloth.thread)}</defs>"


class Pieces:
    """Numbers clip paths, which need names of their own."""

    def __init__(self, cloth: Cloth) -> None:
        self._cloth = cloth
        self._count = 0

    def cut(self, outline: str, details: str = "", folds: str = "", *, woven: bool = True) -> str:
        """A piece of cloth with that outline, darker towards its edges, folded, with details on it.

        All that is soft goes through one filter: filters are what takes time.
        """
        self._count += 1
        name = f"piece{self._count}"
        weave = f'<path d="{outline}" fill="url(#weave)"/>' if woven and WEAVES[self._cloth.weave] else ""
        return (
            f'<clipPath id="{name}"><path d="{outline}"/></clipPath><g clip-path="url(#{name})">'
            f'<path d="{outline}" fill="{self._cloth.colour}"/>{weave}'
            f'<path d="{outline}" fill="url(#round)"/><path d="{outline}" fill="url(#down)"/>'
            f'<g filter="url(#soft)" fill="none" stroke-linecap="round">{folds}'
            f'<path d="{outline}" stroke="#000" stroke-opacity=".38" stroke-width="13"/></g>{details}</g>'
            f'<path d="{outline}" fill="none" stroke="#000" stroke-opacity=".28" stroke-width="1.1"/>'
        )


def fold(line: str, width: float = 13) -> str:
    """A fold, dark on one side and light on the other; it goes through the filter of its piece."""
    return (
        f'<path d="{line}" stroke="#000" stroke-opacity=".30" stroke-width="{width:g}"/>'
        f'<path d="{line}" stroke="#fff" stroke-opacity=".22" stroke-width="{width * 0.6:g}" '
        f'transform="translate({width * 0.75:g} 2)"/>'
    )


def seam(line: str) -> str:
    """Where two pieces meet."""
    return f'<path d="{line}" fill="none" stroke="#000" stroke-opacity=".38" stroke-width="1.6"/>'


def stitches(line: str, thread: str = "#fff", opacity: float = 0.6) -> str:
    """A visible thread."""
    return (
        f'<path d="{line}" fill="none" stroke="{thread}" stroke-opacity="{opacity:g}" stroke-width="1.5" '
        'stroke-dasharray="4.5 3"/>'
    )


def ribs(left: float, right: float, top: float, bottom: float, slope: float = 0) -> str:
    """The ribbing of a hem or a cuff, from x `left` to `right`; `slope` moves the lower ends."""
    count = max(2, round((right - left) / 5))
    lines = "".join(
        f"M{left + (right - left) * n / count:.1f},{top:g} l{slope:g},{bottom - top:g} "
        for n in range(count + 1)
    )
    return (
        f'<path d="{lines}" stroke="#000" stroke-opacity=".30" stroke-width="1.8"/>'
        f'<path d="{lines}" stroke="#fff" stroke-opacity=".18" stroke-width="1" transform="translate(2 0)"/>'
    )


def button(x: float, y: float, colour: str, radius: float = 4.6) -> str:
    """A button with four holes, and its shadow."""
    holes = "".join(
        f'<circle cx="{x + dx:g}" cy="{y + dy:g}" r=".7" fill="#000" fill-opacity=".6"/>'
        for dx, dy in ((-1.3, -1.3), (1.3, -1.3), (-1.3, 1.3), (1.3, 1.3))
    )
    return (
        f'<circle cx="{x + 0.8:g}" cy="{y + 1.6:g}" r="{radius:g}" fill="#000" fill-opacity=".35"/>'
        f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{colour}" stroke="#000" stroke-opacity=".35"/>'
        f'<circle cx="{x:g}" cy="{y:g}" r="{radius * 0.66:g}" fill="none" stroke="#fff" stroke-opacity=".4"/>'
        f"{holes}"
    )
