"""Converting one picture with libvips; runs in a process of its own, which may be killed at any time."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from atelier.export.pictures.description import Metadata
from atelier.export.pictures.formats import FORMATS, Format, ImageFormat

PIECE = 1024 * 1024
WHITE = [255, 255, 255]
FOREIGN = ("exif-", "xmp-", "iptc-", "photoshop-")
"""Metadata of the original, which isn't delivered: it may say where and by whom it was taken."""


class UnreadablePictureError(Exception):
    """The original isn't a picture that can be read, or none that the format can hold."""


@dataclass(frozen=True)
class Converted:
    """The file that was written: its size in bytes and its CRC-32."""

    size: int
    crc32: int


def convert(
    source: Path, target: Path, image_format: ImageFormat, longest_side: int | None, metadata: Metadata
) -> Converted:
    """Write the picture of one file into another, upright, in sRGB, with this metadata and no other.

    At most `longest_side` pixels long. Raises `UnreadablePictureError`.
    """
    import pyvips  # takes half a second, and only the workers need it

    format_ = FORMATS[image_format]
    longest = min(format_.longest_side, longest_side or format_.longest_side)
    error: Exception | None = None
    for options in format_.attempts:
        try:
            _write(pyvips, source, target, format_, longest, metadata, options)
        except pyvips.Error as wrong:
            error = wrong
        else:
            return _measured(target)
    raise UnreadablePictureError(_told(error)) from None


def _told(error: Exception | None) -> str:
    """What libvips says last is what was wrong; before it comes where it was noticed."""
    return str(error).strip().splitlines()[-1].strip()


def _write(
    pyvips: Any,
    source: Path,
    target: Path,
    format_: Format,
    longest: int,
    metadata: Metadata,
    options: Mapping[str, object],
) -> None:
    image = _on_screen(pyvips, source, longest)
    if image.hasalpha() and not format_.alpha:
        image = image.flatten(background=WHITE)
    image = _described(pyvips, image, metadata)
    image.write_to_file(str(target), **options)


def _on_screen(pyvips: Any, source: Path, longest: int) -> Any:
    """The picture upright in eight bits of sRGB, shrunk while it is read where it is larger."""
    header = pyvips.Image.new_from_file(str(source))
    # converting by profile takes a third of a second a picture: only where there is one to convert from
    managed = header.get_typeof("icc-profile-data") != 0 or header.interpretation == "cmyk"
    profile = {"export_profile": "srgb"} if managed else {}
    image = pyvips.Image.thumbnail(
        str(source), longest, height=longest, size="down", fail_on="truncated", **profile
    )
    if image.interpretation not in ("srgb", "b-w"):
        image = image.colourspace("srgb")
    return image.cast("uchar") if image.format != "uchar" else image


def _described(pyvips: Any, image: Any, metadata: Metadata) -> Any:
    """The picture with our metadata in the place of what it brought; its colour profile stays."""
    image = image.copy()
    for name in image.get_fields():
        if name.startswith(FOREIGN):
            image.remove(name)
    for tag, value in metadata.exif.items():
        image.set_type(pyvips.GValue.gstr_type, f"exif-{tag}", value)
    image.set_type(pyvips.GValue.blob_type, "xmp-data", metadata.xmp)
    return image


def _measured(file: Path) -> Converted:
    size, crc32 = 0, 0
    with file.open("rb") as written:
        while piece := written.read(PIECE):
            size += len(piece)
            crc32 = zlib.crc32(piece, crc32)
    return Converted(size, crc32)
