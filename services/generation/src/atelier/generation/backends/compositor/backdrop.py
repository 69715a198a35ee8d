"""What is behind: the background preset's picture, or a studio of our own."""

from __future__ import annotations

import numpy as np

from atelier.generation.backends.compositor.pictures import Array, load_covering
from atelier.generation.backends.compositor.recipe import Recipe

LIGHT_TONES = (
    (0.90, 0.885, 0.86),
    (0.86, 0.87, 0.88),
    (0.885, 0.84, 0.80),
    (0.82, 0.85, 0.83),
    (0.87, 0.83, 0.83),
)
"""Paper colours of the studio: chalk, mist, sand, sage, blush."""
DEEP_TONES = (
    (0.52, 0.55, 0.58),
    (0.60, 0.53, 0.47),
    (0.45, 0.52, 0.49),
    (0.55, 0.49, 0.52),
    (0.42, 0.46, 0.54),
)
"""For products that would vanish on paper: slate, clay, moss, plum, dusk."""
BRIGHT = 0.72
"""Mean brightness from which a product is light."""
HORIZON = 0.80
"""Where the studio's wall becomes its floor, of the height."""


def preset(file: str, width: int, height: int, recipe: Recipe) -> Array:
    """The background preset's picture covering the frame; the seed chooses the part that is seen."""
    seen = load_covering(file, width, height, recipe.zoom, (recipe.crop_x, recipe.crop_y))
    return np.ascontiguousarray(seen[:, ::-1]) if recipe.mirror else seen


def studio(width: int, height: int, brightness: float, recipe: Recipe) -> Array:
    """A paper backdrop that curves into a floor, lit from one side.

    `brightness` is the product's mean, 0 to 1: the paper is chosen so that it stands out.
    """
    tones = DEEP_TONES if brightness > BRIGHT else LIGHT_TONES
    tone = np.asarray(tones[int(recipe.tone * len(tones))], dtype=np.float32)
    across = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    spot = np.hypot((across - 0.5 + 0.28 * -recipe.light) * 1.05, (down - 0.34) * 0.85)
    wall = 1.07 - 0.30 * spot**1.35
    floor = 1.0 - 0.20 * np.abs(across - 0.5 - 0.2 * recipe.light) - 0.10 * (down - HORIZON) / (1 - HORIZON)
    curve = 1 / (1 + np.exp(-(down - HORIZON) / 0.022))
    shade = wall * (1 - curve) + floor * curve - 0.07 * np.exp(-(((down - HORIZON) / 0.035) ** 2))
    return np.asarray(tone * shade[..., None], dtype=np.float32)
