"""What a seed decides. Nothing else in the compositor is left to chance."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Recipe:
    """The choices of one picture. The same seed makes the same ones, neighbours have nothing in common.

    Shifts are parts of the frame's size, `tilt` is in degrees; `light` is where the light comes
    from, −1 the left and 1 the right; `warmth` goes from −1, cool, to 1, warm. `crop_x` and
    `crop_y` (0 to 1) say which part of a larger background is seen, `zoom` how closely.
    """

    shift_x: float
    shift_y: float
    scale: float
    tilt: float
    light: float
    warmth: float
    crop_x: float
    crop_y: float
    zoom: float
    mirror: bool
    """Of the background only: a mirrored garment has its print and buttons wrong."""
    tone: float
    """Which of the studio's colours, 0 to 1."""
    focus_x: float
    focus_y: float
    """Where a detail lies in the product, 0 to 1."""

    @classmethod
    def of(cls, seed: int) -> Recipe:
        """The choices of this seed."""
        # a text as the seed goes through SHA-512: neighbours differ, and so do 1 and -1
        chance = Random(f"compositor {seed}")  # noqa: S311 - pictures, no secrets
        side = chance.choice((-1, 1))
        return cls(
            shift_x=chance.uniform(-0.05, 0.05),
            shift_y=chance.uniform(-0.025, 0.025),
            scale=chance.uniform(0.92, 1.06),
            tilt=chance.uniform(-2.2, 2.2),
            light=side * chance.uniform(0.45, 1.0),
            warmth=chance.uniform(-1, 1),
            crop_x=chance.random(),
            crop_y=chance.random(),
            zoom=chance.uniform(1.0, 1.22),
            mirror=chance.random() < 0.5,
            tone=chance.random(),
            focus_x=chance.uniform(0.35, 0.65),
            focus_y=chance.uniform(0.22, 0.6),
        )
