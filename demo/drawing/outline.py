"""Outlines on the body's grid, as SVG paths."""

from __future__ import annotations

from collections.abc import Sequence

Point = tuple[float, float]
Step = tuple[Point, ...]
"""A straight line to one point, or a cubic curve over three."""


def path(start: Point, *steps: Step) -> str:
    """An open path; `Z` closes it."""
    return f"M{_text(start)} " + " ".join(_command(step) for step in steps)


def closed(start: Point, *steps: Step) -> str:
    """A path whose ends meet."""
    return path(start, *steps) + " Z"


def symmetric(start: Point, *steps: Step) -> str:
    """The closed outline whose right half goes from `start` to the last point, both in the middle."""
    points = [start] + [step[-1] for step in steps]
    back = [_reversed(step, points[number]) for number, step in enumerate(steps)]
    return closed(start, *steps, *(_mirrored(step) for step in reversed(back)))


def mirror(shapes: str) -> str:
    """The same on the other side of the body."""
    return f'<g transform="scale(-1 1)">{shapes}</g>'


def both_sides(shapes: str) -> str:
    """A shape and its mirror image."""
    return shapes + mirror(shapes)


def _reversed(step: Step, origin: Point) -> Step:
    """The step that leads back to where this one came from."""
    return (*reversed(step[:-1]), origin)


def _mirrored(step: Step) -> Step:
    return tuple((-x, y) for x, y in step)


def _command(step: Step) -> str:
    return ("L" if len(step) == 1 else "C") + " ".join(_text(point) for point in step)


def _text(point: Sequence[float]) -> str:
    return f"{point[0]:g},{point[1]:g}"
