"""The formats that pictures are delivered in; one more is one more row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class ImageFormat(StrEnum):
    """File format of a delivered picture."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    AVIF = "avif"


@dataclass(frozen=True)
class Format:
    """How a format is written. `longest_side` is the most pixels that it holds in one direction."""

    extension: str
    content_type: str
    longest_side: int
    alpha: bool
    """Whether it can be transparent; where not, pictures are laid on white."""
    attempts: tuple[Mapping[str, object], ...]
    """Options of libvips' saver; the next ones are tried where it fails with those before."""


FORMATS: Mapping[ImageFormat, Format] = {
    # optimized coding would keep the whole picture in memory, half as much again, for 5 % fewer bytes
    ImageFormat.JPEG: Format("jpg", "image/jpeg", 65_500, False, ({"Q": 90},)),
    ImageFormat.PNG: Format("png", "image/png", 10_000_000, True, ({"compression": 6},)),
    # effort 2 is five times as fast as libwebp's default of 4 for 6 % more bytes; low efforts can
    # overflow a partition of large detailed pictures, which the default splits
    ImageFormat.WEBP: Format(
        "webp", "image/webp", 16_383, True, ({"Q": 85, "effort": 2}, {"Q": 85, "effort": 4})
    ),
    # effort 0 is more than four times as fast as the default for 7 % more bytes
    ImageFormat.AVIF: Format(
        "avif", "image/avif", 16_384, True, ({"Q": 60, "effort": 0, "compression": "av1"},)
    ),
}
