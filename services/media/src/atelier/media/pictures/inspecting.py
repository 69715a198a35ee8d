"""One look at a picture: what it is, and whether it may be taken. Runs in a limited process."""

from __future__ import annotations

from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

from atelier.media.formats import AVIF, GIF, JPEG, PNG, WEBP, Format
from atelier.media.pictures.colours import dominant, profile_name
from atelier.media.pictures.errors import PictureError, of_decoder
from atelier.media.pictures.sniffing import HEAD, sniff
from atelier.media.pictures.structure import require_whole

LOADERS = {JPEG: "jpegload", PNG: "pngload", GIF: "gifload", WEBP: "webpload", AVIF: "heifload"}
ANIMATED = frozenset({GIF, WEBP})
TURNED = frozenset({5, 6, 7, 8})
"""EXIF orientations at which a picture is shown with its sides exchanged."""


@dataclass(frozen=True)
class Limits:
    """The largest picture that is decoded: pixels of all frames together, and frames."""

    pixels: int
    frames: int


@dataclass(frozen=True)
class Picture:
    """What a picture is. Width and height are in pixels as it is shown, EXIF rotation applied."""

    content_type: str
    extension: str
    width: int
    height: int
    dominant_color: str | None
    color_profile: str | None


def inspect(path: str, limits: Limits) -> Picture:
    """Decode the whole picture once; raises `PictureError` that says why it isn't taken."""
    format_ = _recognised(Path(path))
    import pyvips

    pyvips.cache_set_max(0)
    try:
        image = load(path, format_, limits)
        width, height = image.width, _height(image)
        if _property(image, "orientation") in TURNED:
            width, height = height, width
        profile = _property(image, "icc-profile-data")
        return Picture(
            content_type=format_.content_type,
            extension=format_.extension,
            width=width,
            height=height,
            dominant_color=dominant(image),
            color_profile=profile_name(profile),
        )
    except pyvips.Error as damage:
        message = f"can't be decoded: its {_name(format_)} data is damaged or truncated"
        raise of_decoder(damage, message) from damage


def load(path: str, format_: Format, limits: Limits) -> Any:
    """The picture, every frame of it below the other, read from start to end as it is used.

    Raises `PictureError` for a larger one than the limits before anything is decoded.
    """
    import pyvips

    loader = getattr(pyvips.Image, LOADERS[format_])
    options = {"access": "sequential", "fail_on": "error"}
    image = loader(path, **options)
    frames = _property(image, "n-pages") or 1
    if frames > limits.frames:
        raise PictureError(f"has {frames} frames; at most {limits.frames} are taken")
    if image.width * image.height * frames > limits.pixels:
        size = f"{image.width}×{image.height} pixels" + (f" in {frames} frames" if frames > 1 else "")
        raise PictureError(f"has {size}; at most {limits.pixels:,} pixels are taken")
    return loader(path, n=-1, **options) if format_ in ANIMATED and frames > 1 else image


def _recognised(path: Path) -> Format:
    if path.stat().st_size == 0:
        raise PictureError("is empty")
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        format_ = sniff(data[:HEAD])
        require_whole(data, format_)
        return format_


def _height(image: Any) -> int:
    """Of one frame."""
    return int(_property(image, "page-height") or image.height)


def _property(image: Any, name: str) -> Any:
    return image.get(name) if image.get_typeof(name) else None


def _name(format_: Format) -> str:
    return format_.content_type.rpartition("/")[2].upper()
