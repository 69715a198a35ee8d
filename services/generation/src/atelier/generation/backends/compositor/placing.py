"""Where person and product go in the frame, by framing and by what they look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType

import numpy as np

from atelier.contracts.enums import ShotTypeFraming
from atelier.generation.backends.compositor.cutout import Cutout
from atelier.generation.backends.compositor.recipe import Recipe


class Kind(Enum):
    """What a product is worn as, told by its outline."""

    TOP = auto()
    LONG = auto()
    LEGS = auto()
    FLAT = auto()
    """Wider than anything that is worn on the body: shoes, a bag, a belt."""


@dataclass(frozen=True)
class Place:
    """Where a sprite goes: the middle of its box and its height, in pixels of the frame."""

    x: float
    y: float
    height: float


@dataclass(frozen=True)
class Pose:
    """How large a person or product is in the frame, and where: all of the frame's own size.

    It is as large as fits `width` and `height`; `y` is its upper edge, or its lower one where
    `stands`.
    """

    width: float
    height: float
    y: float
    stands: bool = False


@dataclass(frozen=True)
class Worn:
    """Where a product sits on a body: both ends, of the body's height from its top."""

    top: float
    bottom: float


ALONE: Mapping[str, Pose] = MappingProxyType(
    {
        ShotTypeFraming.FULL_BODY: Pose(0.80, 0.74, 0.86, stands=True),
        ShotTypeFraming.UPPER_BODY: Pose(0.94, 0.84, 0.08),
        ShotTypeFraming.LOWER_BODY: Pose(0.90, 0.84, 0.92, stands=True),
        ShotTypeFraming.CLOSE_UP: Pose(1.45, 1.60, 0.09),
        ShotTypeFraming.DETAIL: Pose(2.30, 2.30, 0.0),
    }
)
"""Products without a person. A detail's `y` isn't used: the seed says what lies in the middle."""

CARD = Pose(0.84, 0.80, 0.88, stands=True)
"""A picture that nothing could be cut from."""

WHOLE: Mapping[str, Pose] = MappingProxyType(
    {
        ShotTypeFraming.FULL_BODY: Pose(1.15, 0.89, 0.955, stands=True),
        ShotTypeFraming.UPPER_BODY: Pose(3.0, 1.70, 0.06),
        ShotTypeFraming.LOWER_BODY: Pose(3.0, 1.60, 0.965, stands=True),
        ShotTypeFraming.CLOSE_UP: Pose(4.0, 2.50, 0.05),
        ShotTypeFraming.DETAIL: Pose(6.0, 3.20, -0.35),
    }
)
"""People who are seen from head to foot, in each framing."""

PART: Mapping[str, Pose] = MappingProxyType(
    {
        ShotTypeFraming.LOWER_BODY: Pose(1.10, 1.0, 0.0),
        ShotTypeFraming.CLOSE_UP: Pose(1.50, 1.35, 0.05),
        ShotTypeFraming.DETAIL: Pose(2.0, 1.90, -0.25),
    }
)
"""People of whom the base image itself shows a part; other framings as `PART_OTHERWISE`."""
PART_OTHERWISE = Pose(1.10, 0.94, 1.0, stands=True)

ON_WHOLE: Mapping[Kind, Worn] = MappingProxyType(
    {
        Kind.TOP: Worn(0.145, 0.50),
        Kind.LONG: Worn(0.15, 0.74),
        Kind.LEGS: Worn(0.40, 0.955),
        Kind.FLAT: Worn(0.90, 0.995),
    }
)
ON_PART: Mapping[Kind, Worn] = MappingProxyType(
    {
        Kind.TOP: Worn(0.30, 0.97),
        Kind.LONG: Worn(0.30, 1.15),
        Kind.LEGS: Worn(0.05, 0.97),
        Kind.FLAT: Worn(0.55, 0.80),
    }
)
WHOLE_IS_NARROWER_THAN = 0.55
"""Width over height below which a person is seen from head to foot."""


def kind_of(product: Cutout, framing: str) -> Kind:
    """What the product is worn as; a framing of half the body says it already."""
    height, width = product.matte.shape
    if width > 1.45 * height:
        return Kind.FLAT
    if framing == ShotTypeFraming.LOWER_BODY or _has_legs(product):
        return Kind.LEGS
    return Kind.TOP if width > 0.66 * height else Kind.LONG


def _has_legs(product: Cutout) -> bool:
    """Whether there is a gap in the middle of the lower third, with something on both sides."""
    matte = product.matte
    height, width = matte.shape
    lower = matte[int(height * 0.72) : int(height * 0.95)].mean(axis=0)
    sides = min(lower[: width // 2].max(initial=0), lower[width // 2 :].max(initial=0))
    return bool(
        height > 1.2 * width and sides > 0.8 and lower[int(width * 0.4) : int(width * 0.6)].min() < 0.1
    )


def alone(product: Cutout, framing: str, width: int, height: int, recipe: Recipe) -> Place:
    """Where a product goes that nobody wears."""
    pose = ALONE.get(framing, ALONE[ShotTypeFraming.FULL_BODY]) if product.clean else CARD
    place = _posed(product, pose, width, height, recipe)
    if framing == ShotTypeFraming.DETAIL and product.clean:
        across = place.height * product.matte.shape[1] / product.matte.shape[0]
        x = width / 2 + (0.5 - recipe.focus_x) * across
        return Place(x, height / 2 + (0.5 - recipe.focus_y) * place.height, place.height)
    # a wide product is smaller than its pose: it comes nearer to the middle
    spare = max(0.0, min(1.0, pose.height) * height - place.height)
    return Place(place.x, place.y + (-0.4 if pose.stands else 0.4) * spare, place.height)


def standing(person: Cutout, framing: str, width: int, height: int, recipe: Recipe) -> Place:
    """Where the person goes."""
    pose = (
        WHOLE.get(framing, WHOLE[ShotTypeFraming.FULL_BODY])
        if _is_whole(person)
        else PART.get(framing, PART_OTHERWISE)
    )
    return _posed(person, pose, width, height, recipe)


def worn(product: Cutout, person: Cutout, body: Place, framing: str) -> Place:
    """Where the product goes on the person."""
    sits = (ON_WHOLE if _is_whole(person) else ON_PART)[kind_of(product, framing)]
    top = body.y - body.height / 2
    height = (sits.bottom - sits.top) * body.height
    middle = body.x + (_axis(person) - 0.5) * body.height * person.matte.shape[1] / person.matte.shape[0]
    return Place(middle, top + sits.top * body.height + height / 2, height)


def _is_whole(person: Cutout) -> bool:
    height, width = person.matte.shape
    return bool(width < WHOLE_IS_NARROWER_THAN * height)


def _axis(person: Cutout) -> float:
    """Where the body's middle is, of the box's width: arms that reach out don't move it."""
    upper = person.matte[: max(1, person.matte.shape[0] // 2)]
    columns = np.flatnonzero(upper.mean(axis=0) > 0.5 * upper.mean(axis=0).max())
    return float((columns.mean() + 0.5) / person.matte.shape[1])


def _posed(what: Cutout, pose: Pose, width: int, height: int, recipe: Recipe) -> Place:
    tall, wide = what.matte.shape
    size = min(pose.height * height, pose.width * width * tall / wide) * recipe.scale
    edge = (pose.y + recipe.shift_y) * height
    return Place((0.5 + recipe.shift_x) * width, edge + (-size / 2 if pose.stands else size / 2), size)
