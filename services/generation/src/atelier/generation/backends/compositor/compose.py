"""The picture itself: a function of files, a frame and a seed, for a process of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from atelier.generation.backends.compositor import backdrop, light, placing
from atelier.generation.backends.compositor.cutout import Cutout, cut_out
from atelier.generation.backends.compositor.pictures import Array, keep_nothing, rotate, save, scale
from atelier.generation.backends.compositor.placing import Place
from atelier.generation.backends.compositor.recipe import Recipe
from atelier.generation.backends.compositor.work import Frame, Sources

MOST_PIXELS = 2000
"""The longest side that a product is cut out at; beyond it a larger picture costs time and shows nothing."""


def compose(sources: Sources, frame: Frame, seed: int, to: str) -> None:
    """Write the picture of this seed to `to`, exactly as large as the frame.

    Raises `UnusablePictureError` for an input that is no picture.
    """
    keep_nothing()
    recipe = Recipe.of(seed)
    longest = min(MOST_PIXELS, round(1.2 * max(frame.width, frame.height)))
    product = cut_out(sources.product, longest)
    person = cut_out(sources.subject, longest) if sources.subject else None
    canvas = _behind(sources, frame, product, recipe)
    if person is None:
        _show_alone(canvas, product, frame, recipe)
    else:
        _show_worn(canvas, product, person, frame, recipe)
    save(light.graded(canvas, recipe), to, frame.file_format)


def _behind(sources: Sources, frame: Frame, product: Cutout, recipe: Recipe) -> Array:
    if sources.background:
        return backdrop.preset(sources.background, frame.width, frame.height, recipe)
    return backdrop.studio(frame.width, frame.height, _brightness(product), recipe)


def _brightness(product: Cutout) -> float:
    colours = product.sprite[..., :3].sum(axis=(0, 1)) / max(1.0, float(product.matte.sum()))
    return float(colours @ np.asarray((0.2126, 0.7152, 0.0722)))


@dataclass(frozen=True)
class Layer:
    """A lit sprite in its place: the part that the frame shows, and where in the frame that is."""

    part: Array
    rows: slice
    columns: slice

    def matte(self, canvas: Array) -> Array:
        """Its alpha, as large as the frame."""
        matte = np.zeros(canvas.shape[:2], dtype=np.float32)
        matte[self.rows, self.columns] = self.part[..., 3]
        return matte

    def lay_over(self, canvas: Array) -> None:
        """Draw it."""
        below = canvas[self.rows, self.columns]
        below *= 1 - self.part[..., 3:]
        below += self.part[..., :3]


def _show_alone(canvas: Array, product: Cutout, frame: Frame, recipe: Recipe) -> None:
    place = placing.alone(product, frame.framing, frame.width, frame.height, recipe)
    layer = _layer(canvas, product, place, recipe, recipe.tilt)
    matte, unit = layer.matte(canvas), min(canvas.shape[:2])
    light.ground(canvas, matte, recipe, 0.42)
    light.cast(canvas, matte, (-0.020 * recipe.light * unit, 0.020 * unit), 0.022 * unit, 0.22)
    light.cast(canvas, matte, (-0.006 * recipe.light * unit, 0.006 * unit), 0.006 * unit, 0.22)
    layer.lay_over(canvas)


def _show_worn(canvas: Array, product: Cutout, person: Cutout, frame: Frame, recipe: Recipe) -> None:
    body = placing.standing(person, frame.framing, frame.width, frame.height, recipe)
    behind, unit = _layer(canvas, person, body, recipe, 0.0), min(canvas.shape[:2])
    matte = behind.matte(canvas)
    light.ground(canvas, matte, recipe, 0.5)
    light.cast(canvas, matte, (-0.03 * recipe.light * unit, 0.012 * unit), 0.03 * unit, 0.16)
    behind.lay_over(canvas)
    layer = _layer(canvas, product, placing.worn(product, person, body, frame.framing), recipe, 0.0)
    onto = (-0.006 * recipe.light * unit, 0.008 * unit)
    light.cast(canvas, layer.matte(canvas), onto, 0.008 * unit, 0.30)
    layer.lay_over(canvas)


def _layer(canvas: Array, what: Cutout, place: Place, recipe: Recipe, tilt: float) -> Layer:
    sprite, factor = light.lit(rotate(what.sprite, tilt), recipe), place.height / what.sprite.shape[0]
    top, left = place.y - sprite.shape[0] * factor / 2, place.x - sprite.shape[1] * factor / 2
    rows = _seen(top, factor, sprite.shape[0], canvas.shape[0])
    columns = _seen(left, factor, sprite.shape[1], canvas.shape[1])
    part = scale(np.ascontiguousarray(sprite[rows, columns]), factor)
    return _cropped(part, round(top + rows.start * factor), round(left + columns.start * factor), canvas)


def _seen(start: float, factor: float, length: int, frame: int) -> slice:
    """Which rows or columns of a sprite the frame shows; a close-up isn't scaled beyond them."""
    margin = 3
    first = min(max(0, int(-start / factor) - margin), length - 1)
    return slice(first, max(first + 1, min(length, int((frame - start) / factor) + margin)))


def _cropped(part: Array, top: int, left: int, canvas: Array) -> Layer:
    rows = slice(max(0, top), max(0, min(canvas.shape[0], top + part.shape[0])))
    columns = slice(max(0, left), max(0, min(canvas.shape[1], left + part.shape[1])))
    down = slice(rows.start - top, rows.stop - top)
    across = slice(columns.start - left, columns.stop - left)
    return Layer(part[down, across], rows, columns)
