"""Light and shadow: what makes pieces from different pictures look like one."""

from __future__ import annotations

import numpy as np

from atelier.generation.backends.compositor.pictures import Array, blur, scale
from atelier.generation.backends.compositor.recipe import Recipe

DARK = np.asarray((0.10, 0.09, 0.10), dtype=np.float32)
"""A shadow is never quite black."""


def lit(sprite: Array, recipe: Recipe) -> Array:
    """The sprite brighter towards the light and from above, by a tenth."""
    height, width = sprite.shape[:2]
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    shade = 1.0 + 0.075 * recipe.light * across - 0.035 * down
    shaded = sprite.copy()
    shaded[..., :3] = np.minimum(sprite[..., :3] * shade[..., None], sprite[..., 3:])
    return shaded


def cast(canvas: Array, matte: Array, offset: tuple[float, float], softness: float, strength: float) -> None:
    """Darken what the matte keeps the light off: moved by `offset`, blurred by `softness`, both in pixels."""
    shadow = _soft(_moved(matte, *offset), softness) * strength
    canvas *= 1 - shadow[..., None]
    canvas += DARK * shadow[..., None]


def ground(canvas: Array, matte: Array, recipe: Recipe, strength: float) -> None:
    """A contact shadow on the floor below what the matte shows."""
    rows = np.flatnonzero((matte > 0.5).any(axis=1))
    if not rows.size or rows[-1] >= matte.shape[0] - 2:  # cut by the frame: its foot isn't seen
        return
    height, width = matte.shape
    foot = matte[max(rows[0], rows[-1] - round(0.06 * height)) : rows[-1] + 1].max(axis=0)
    columns = np.flatnonzero(foot > 0.5)
    middle, half = float(columns.mean()), max(8.0, 0.56 * float(np.ptp(columns)))
    deep = 0.016 * height + 0.05 * half
    lit = slice(max(0, rows[-1] - round(3 * deep)), min(height, rows[-1] + round(3 * deep)))
    across = (np.arange(width, dtype=np.float32) - middle + 0.12 * half * recipe.light) / half
    down = (np.arange(lit.start, lit.stop, dtype=np.float32) - rows[-1] - 0.004 * height) / deep
    far = across[None, :] ** 2 + down[:, None] ** 2
    shadow = strength * (0.6 * np.exp(-2.2 * far) + 0.4 * np.exp(-0.7 * far))
    canvas[lit] *= 1 - shadow[..., None]
    canvas[lit] += DARK * shadow[..., None]


def graded(canvas: Array, recipe: Recipe) -> Array:
    """The whole picture warmer or cooler, its corners a little darker."""
    height, width = canvas.shape[:2]
    across = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    down = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    vignette = 1.0 - 0.06 * (across**2 + down**2)
    tint = np.asarray((1 + 0.028 * recipe.warmth, 1.0, 1 - 0.032 * recipe.warmth), dtype=np.float32)
    return np.asarray(canvas * vignette[..., None] * tint, dtype=np.float32)


def _moved(matte: Array, x: float, y: float) -> Array:
    moved = np.zeros_like(matte)
    right, below = round(x), round(y)
    height, width = matte.shape
    moved[max(0, below) : height + min(0, below), max(0, right) : width + min(0, right)] = matte[
        max(0, -below) : height - max(0, below), max(0, -right) : width - max(0, right)
    ]
    return moved


def _soft(matte: Array, softness: float) -> Array:
    """A wide blur at a quarter of the size: nobody sees the difference, the processor does."""
    if softness < 8:
        return blur(matte, softness)
    small = blur(scale(matte, 0.25), softness / 4)
    height, width = matte.shape
    rows = np.minimum(np.arange(height) // 4, small.shape[0] - 1)
    columns = np.minimum(np.arange(width) // 4, small.shape[1] - 1)
    return blur(np.ascontiguousarray(small[rows][:, columns]), 2.0)
