"""What a delivered file says about itself. Nothing else is here: each worker that converts loads this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Metadata:
    """EXIF tags by their names in libvips (`ifd0-Artist`), and an XMP packet."""

    exif: Mapping[str, str]
    xmp: bytes
