"""Pictures for tests, whole ones and broken ones; each call makes another content."""

from __future__ import annotations

import itertools
import struct
import zlib
from typing import Any

import pyvips

_counter = itertools.count(1)
WRITERS = {
    "image/jpeg": ("jpegsave_buffer", {"Q": 90}),
    "image/png": ("pngsave_buffer", {}),
    "image/webp": ("webpsave_buffer", {"lossless": True}),
    "image/gif": ("gifsave_buffer", {}),
    "image/avif": ("heifsave_buffer", {"compression": "av1", "effort": 0, "lossless": True}),
}


def image(width: int = 40, height: int = 30, colour: tuple[int, int, int] = (200, 30, 60)) -> Any:
    """A plain area with one spot that no other picture has at the same place and colour."""
    number = next(_counter)
    plain = (pyvips.Image.black(width, height, bands=3) + list(colour)).cast("uchar")
    plain = plain.copy(interpretation="srgb")
    spot = [number % 251, number // 251 % 251, 7]
    return plain.draw_rect(spot, 1, 1, 3, 3, fill=True) if width > 4 and height > 4 else plain


def encoded(content_type: str = "image/png", made: Any = None, **options: Any) -> bytes:
    """A picture's bytes."""
    writer, usual = WRITERS[content_type]
    return bytes(getattr(made if made is not None else image(), writer)(**{**usual, **options}))


def chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, data: bytes, *between: bytes, depth: int = 8, colours: int = 2) -> bytes:
    """A PNG of that size, whatever its data is."""
    header = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0)
    chunks = [chunk(b"IHDR", header), *between, chunk(b"IDAT", data), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
