"""Whether a picture's bytes are whole, and whether anything else hides in them.

A decoder stops at the end of the picture. What stands behind it, or makes the file readable as
something else too (an archive, a script, a PDF), is only seen by walking through the container.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from mmap import mmap

from atelier.media.formats import AVIF, GIF, JPEG, PNG, WEBP, Format
from atelier.media.pictures.errors import PictureError

TRUNCATED = "is truncated: the picture ends in the middle"
END_OF_ZIP = b"PK\x05\x06"
LONGEST_ZIP_COMMENT = 0xFFFF
LOOKED_AT = 64 * 1024
"""Bytes from either end that are searched for scripts."""

_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SCRIPT = re.compile(rb"<\?php|<script|<!doctype html|<html|__HALT_COMPILER\(\)", re.IGNORECASE)
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_END, _SCAN = 0xD9, 0xDA
_SAMSUNG = b"SEFT"
"""The end of what Samsung's cameras put behind a JPEG."""


def require_whole(data: mmap, format_: Format) -> None:
    """Raise `PictureError` where the picture is truncated, or something else is in the file too."""
    try:
        end = _ENDS[format_](data)
    except IndexError:
        raise PictureError(TRUNCATED) from None
    if end > len(data):
        raise PictureError(TRUNCATED)
    if end < len(data) and not _may_follow(data, end, format_):
        raise PictureError("holds other data behind the picture's end")
    if _is_zip(data):
        raise PictureError("is a ZIP archive as well as a picture")
    if b"%PDF-" in data[:1024]:
        raise PictureError("is a PDF as well as a picture")
    if _SCRIPT.search(data[:LOOKED_AT]) or _SCRIPT.search(data[-LOOKED_AT:]):
        raise PictureError("holds a script")


def _may_follow(data: mmap, end: int, format_: Format) -> bool:
    """Padding, and behind a JPEG what cameras put there: further JPEGs (MPF) and Samsung's trailer."""
    if format_ is JPEG and (data[end : end + 3] == b"\xff\xd8\xff" or data[-4:] == _SAMSUNG):
        return True
    return len(data) - end <= LOOKED_AT and not data[end:].strip(b"\0\r\n")


def _is_zip(data: mmap) -> bool:
    """Whether the file ends as an archive does; readers of archives look there first."""
    at = data.rfind(END_OF_ZIP, max(0, len(data) - LONGEST_ZIP_COMMENT - 22))
    return at >= 0 and at + 22 + int.from_bytes(data[at + 20 : at + 22], "little") <= len(data)


def _end_of_jpeg(data: mmap) -> int:
    at = 2
    while True:
        if data[at] != 0xFF:
            raise PictureError("is a damaged JPEG")
        while data[at] == 0xFF:
            at += 1
        marker, at = data[at], at + 1
        if marker == _END:
            return at
        if marker in _WITHOUT_LENGTH:
            continue
        at += _number(data, at, 2)
        if marker == _SCAN:
            following = _NEXT_MARKER.search(data, at)
            if following is None:
                raise PictureError(TRUNCATED)
            at = following.start()


def _end_of_png(data: mmap) -> int:
    at = 8
    while True:
        size, kind = _number(data, at, 4), data[at + 4 : at + 8]
        at += 12 + size
        if kind == b"IEND":
            return at
        if at >= len(data):
            raise PictureError(TRUNCATED)


def _end_of_gif(data: mmap) -> int:
    at = 13 + _colours(data[10])
    while data[at] != 0x3B:
        if data[at] == 0x21:
            at = _behind_blocks(data, at + 2)
        elif data[at] == 0x2C:
            at = _behind_blocks(data, at + 10 + _colours(data[at + 9]) + 1)
        else:
            raise PictureError("is a damaged GIF")
    return at + 1


def _colours(flags: int) -> int:
    """Bytes of a colour table."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _behind_blocks(data: mmap, at: int) -> int:
    while data[at]:
        at += data[at] + 1
    return at + 1


def _end_of_webp(data: mmap) -> int:
    size = int.from_bytes(data[4:8], "little")
    return 8 + size + size % 2


def _end_of_avif(data: mmap) -> int:
    at = 0
    while at < len(data):
        size = _number(data, at, 4)
        if size == 1:
            size = _number(data, at + 8, 8)
        elif size == 0:
            return len(data)
        if size < 8:
            raise PictureError("is a damaged AVIF")
        if not data[at + 4 : at + 8].isalnum():
            return at
        at += size
    return at


def _number(data: mmap, at: int, size: int) -> int:
    raw = data[at : at + size]
    if len(raw) < size:
        raise PictureError(TRUNCATED)
    return int.from_bytes(raw, "big")


_ENDS: dict[Format, Callable[[mmap], int]] = {
    JPEG: _end_of_jpeg,
    PNG: _end_of_png,
    GIF: _end_of_gif,
    WEBP: _end_of_webp,
    AVIF: _end_of_avif,
}
