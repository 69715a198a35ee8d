"""The picture itself: a function of files, a frame and a seed, for a process of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from atelier.generation.backends.compositor import backdrop, light, placing
from atelier.generation.backends.compositor.cutout import Cutout, cut_out
from atelier.generation.backends.compositor.pictures import Array, keep_nothing, rotate, save, scale
from atelier.generation.backends.compositor.placing import Place
from atelier.generation.backends.compositor.recipe import Recipe

MOST_PIXELS = 2000
"""The longest side that a product is cut out at; beyond it a larger picture costs time and shows nothing."""


@dataclass(frozen=True)
class Sources:
    """Paths of the pictures; a process of its own gets paths, never bytes."""

    product: str
    subject: str | None = None
    background: str | None = None


@dataclass(frozen=True)
class Frame:
    """What is asked for: a size in pixels, how much of the body it shows, and a file format."""

    width: int
    height: int
    framing: str
    file_format: str


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


def _show_alone(canvas: Array, product: Cutout, frame: Frame, recipe: Recipe) -> None:
    place = placing.alone(product, frame.framing, frame.width, frame.height, recipe)
    layer = _layer(canvas, product, place, recipe, recipe.tilt)
    unit = min(canvas.shape[:2])
    light.ground(canvas, layer[..., 3], recipe, 0.42)
    light.cast(canvas, layer[..., 3], (-0.020 * recipe.light * unit, 0.020 * unit), 0.022 * unit, 0.22)
    light.cast(canvas, layer[..., 3], (-0.006 * recipe.light * unit, 0.006 * unit), 0.006 * unit, 0.22)
    _over(canvas, layer)


def _show_worn(canvas: Array, product: Cutout, person: Cutout, frame: Frame, recipe: Recipe) -> None:
    body = placing.standing(person, frame.framing, frame.width, frame.height, recipe)
    behind = _layer(canvas, person, body, recipe, 0.0)
    unit = min(canvas.shape[:2])
    light.ground(canvas, behind[..., 3], recipe, 0.5)
    light.cast(canvas, behind[..., 3], (-0.03 * recipe.light * unit, 0.012 * unit), 0.03 * unit, 0.16)
    _over(canvas, behind)
    place = placing.worn(product, person, body, frame.framing)
    layer = _layer(canvas, product, place, recipe, 0.0)
    light.cast(canvas, layer[..., 3], (-0.006 * recipe.light * unit, 0.008 * unit), 0.008 * unit, 0.30)
    _over(canvas, layer)


def _layer(canvas: Array, what: Cutout, place: Place, recipe: Recipe, tilt: float) -> Array:
    """The sprite in its place on an empty frame, lit."""
    sprite, factor = light.lit(rotate(what.sprite, tilt), recipe), place.height / what.sprite.shape[0]
    top, left = place.y - sprite.shape[0] * factor / 2, place.x - sprite.shape[1] * factor / 2
    rows = _seen(top, factor, sprite.shape[0], canvas.shape[0])
    columns = _seen(left, factor, sprite.shape[1], canvas.shape[1])
    layer = np.zeros((*canvas.shape[:2], 4), dtype=np.float32)
    if rows.start < rows.stop and columns.start < columns.stop:
        part = scale(np.ascontiguousarray(sprite[rows, columns]), factor)
        _put(layer, part, round(top + rows.start * factor), round(left + columns.start * factor))
    return layer


def _seen(start: float, factor: float, length: int, frame: int) -> slice:
    """Which rows or columns of a sprite the frame shows; a close-up isn't scaled beyond them."""
    margin = 3
    first = max(0, int(-start / factor) - margin)
    return slice(first, min(length, int((frame - start) / factor) + margin))


def _put(layer: Array, part: Array, top: int, left: int) -> None:
    rows = slice(max(0, top), min(layer.shape[0], top + part.shape[0]))
    columns = slice(max(0, left), min(layer.shape[1], left + part.shape[1]))
    layer[rows, columns] = part[
        rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
    ]


def _over(canvas: Array, layer: Array) -> None:
    canvas *= 1 - layer[..., 3:]
    canvas += layer[..., :3]
