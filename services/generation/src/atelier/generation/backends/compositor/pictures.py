"""Pictures as arrays: reading, scaling, blurring and writing them by libvips.

A picture is float32 of height × width × 3 (sRGB) or, a sprite, × 4 (premultiplied alpha); all
values from 0 to 1. A matte is float32 of height × width.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pyvips

from atelier.generation.backends.compositor.work import UnusablePictureError

Array = npt.NDArray[np.float32]

WRITERS: Mapping[str, tuple[str, Mapping[str, object]]] = MappingProxyType(
    {
        "JPG": (".jpg", {"Q": 92, "optimize_coding": True, "subsample_mode": "off"}),
        "JPEG": (".jpg", {"Q": 92, "optimize_coding": True, "subsample_mode": "off"}),
        "PNG": (".png", {"compression": 3}),
        "WEBP": (".webp", {"Q": 90, "effort": 2}),
    }
)
"""How each file format is written: libvips' suffix and options."""


def keep_nothing() -> None:
    """Let libvips forget each picture after its use: another one may lie under the same name later."""
    pyvips.cache_set_max(0)


@dataclass(frozen=True)
class Loaded:
    """A picture as it is shown (upright, sRGB), and its own matte where it has one."""

    colours: Array
    matte: Array | None


def load(file: str, longest: int) -> Loaded:
    """Read a picture, scaled down to at most `longest` pixels on its longer side.

    Raises `UnusablePictureError` for what isn't a picture or is broken.
    """
    try:
        return _loaded(pyvips.Image.thumbnail(file, longest, height=longest, size="down", fail_on="error"))
    except pyvips.Error as wrong:
        raise UnusablePictureError(_first_line(wrong)) from wrong


def load_covering(file: str, width: int, height: int, zoom: float, at: tuple[float, float]) -> Array:
    """A part of a picture of exactly that size, without its alpha.

    The picture is scaled to cover the size `zoom` times; `at` says how far to the right and down
    the part lies, 0 to 1. Raises `UnusablePictureError` as `load`.
    """
    try:
        around = pyvips.Image.new_from_file(file).autorot()
        factor = zoom * max(width / around.width, height / around.height)
        wide, high = (max(width, round(around.width * factor)), max(height, round(around.height * factor)))
        image = pyvips.Image.thumbnail(file, wide, height=high, size="force", fail_on="error")
        part = image.crop(round((wide - width) * at[0]), round((high - height) * at[1]), width, height)
        return over_white(_loaded(part))
    except pyvips.Error as wrong:
        raise UnusablePictureError(_first_line(wrong)) from wrong


def over_white(loaded: Loaded) -> Array:
    """The colours as they look on white paper."""
    if loaded.matte is None:
        return loaded.colours
    matte = loaded.matte[..., None]
    return loaded.colours * matte + (1 - matte)


def save(picture: Array, file: str, file_format: str) -> None:
    """Write a picture without metadata; the same pixels make the same bytes."""
    if file_format.upper() not in WRITERS:
        raise UnusablePictureError(f"{file_format} can't be written; {', '.join(WRITERS)} can")
    suffix, options = WRITERS[file_format.upper()]
    written: bytes = (
        _image(picture).copy(interpretation="srgb").write_to_buffer(suffix, keep="none", **options)
    )
    with open(file, "wb") as target:
        target.write(written)


def to_lab(colours: Array) -> Array:
    """CIE Lab, in which distances are as large as they look; L from 0 to 100."""
    lab = _image(colours).copy(interpretation="srgb").colourspace("lab")
    return np.asarray(lab.numpy(), dtype=np.float32)


def blur(array: Array, sigma: float) -> Array:
    """A Gaussian blur; `sigma` in pixels."""
    return _array(_image(array).gaussblur(sigma), array.ndim)


def scale(array: Array, factor: float) -> Array:
    """The same picture in another size."""
    return _array(_image(array).resize(factor, kernel="lanczos2"), array.ndim)


def rotate(sprite: Array, degrees: float) -> Array:
    """The sprite turned clockwise around its middle, on a canvas that holds all of it."""
    if abs(degrees) < 0.05:
        return sprite
    bicubic = pyvips.Interpolate.new("bicubic")
    return _array(_image(sprite).similarity(angle=degrees, interpolate=bicubic), sprite.ndim)


def grow(mask: npt.NDArray[np.bool_], radius: int) -> npt.NDArray[np.bool_]:
    """The mask and everything within a square of that radius around it."""
    return _ranked(mask, radius, largest=True)


def shrink(mask: npt.NDArray[np.bool_], radius: int) -> npt.NDArray[np.bool_]:
    """What of the mask is at least that far from everything outside."""
    return _ranked(mask, radius, largest=False)


def regions(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.int32]:
    """A number for each connected region, of the mask as of what is outside."""
    labelled: npt.NDArray[np.int32] = pyvips.Image.new_from_array(_bytes(mask)).labelregions().numpy()
    return labelled.reshape(mask.shape)


def _ranked(mask: npt.NDArray[np.bool_], radius: int, *, largest: bool) -> npt.NDArray[np.bool_]:
    """Over rows, then over columns: a square costs two lines."""
    wider = np.pad(mask, radius, mode="edge")  # a picture may be smaller than the square
    side, image = 2 * radius + 1, pyvips.Image.new_from_array(_bytes(wider))
    index = side - 1 if largest else 0
    ranked = image.rank(side, 1, index).rank(1, side, index).numpy().reshape(wider.shape)
    return np.asarray(ranked[radius:-radius, radius:-radius] > 127)


def _bytes(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    return mask.astype(np.uint8) * 255


def _loaded(image: Any) -> Loaded:
    # only where there is a profile: the transformation costs more than everything else of reading
    if image.get_typeof("icc-profile-data"):
        image = image.icc_transform("srgb", embedded=True)
    image = image.colourspace("srgb")
    pixels = _array(image, 3)
    if image.bands > 3:
        return Loaded(np.ascontiguousarray(pixels[..., :3]), np.ascontiguousarray(pixels[..., 3]))
    return Loaded(pixels, None)


def _image(array: Array) -> Any:
    """For libvips, in eight bits: it is several times as fast with them as with floats."""
    return pyvips.Image.new_from_array((np.clip(array, 0, 1) * 255 + 0.5).astype(np.uint8))


def _array(image: Any, dimensions: int) -> Array:
    pixels = image.cast("uchar").numpy().astype(np.float32)
    pixels *= np.float32(1 / 255)
    made: Array = pixels.reshape(pixels.shape[:2] if dimensions == 2 else (*pixels.shape[:2], -1))
    return made


def _first_line(wrong: Exception) -> str:
    return (str(wrong).strip().splitlines() or ["unreadable"])[0][:200]
