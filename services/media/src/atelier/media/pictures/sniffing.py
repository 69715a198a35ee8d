"""What a file is by its first bytes, whatever it is called."""

from __future__ import annotations

import re

from atelier.media.formats import AVIF, GIF, JPEG, PNG, WEBP, Format
from atelier.media.pictures.errors import PictureError

HEAD = 1024
"""Bytes from the start that are enough to tell."""

_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_SVG = re.compile(
    rb"\s*(\xef\xbb\xbf)?\s*(<\?xml.*)?(<!--.*-->\s*)?(<!DOCTYPE svg.*)?<svg", re.DOTALL | re.IGNORECASE
)
_OTHERS = (
    (re.compile(rb"\s*%PDF-"), "a PDF"),
    (re.compile(rb"PK(\x03\x04|\x05\x06|\x07\x08)"), "a ZIP archive"),
    (re.compile(rb"II\*\0|MM\0\*|II\+\0|MM\0\+"), "a TIFF"),
    (re.compile(rb"BM.{4}\0\0\0\0", re.DOTALL), "a BMP"),
    (re.compile(rb"\x1f\x8b"), "a gzip file"),
    (re.compile(rb"\xff\x0a|\0\0\0\x0cJXL "), "a JPEG XL"),
    (re.compile(rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51"), "a JPEG 2000"),
    (re.compile(rb"8BPS"), "a Photoshop document"),
    (re.compile(rb"ID3|\xff[\xfb\xf3\xf2]"), "MPEG audio"),
    (re.compile(rb"\0\0\x01\0"), "an icon"),
    (re.compile(rb"\x7fELF|MZ"), "a program"),
    (_SVG, "an SVG"),
    (re.compile(rb"\s*(\xef\xbb\xbf)?\s*<"), "HTML or XML"),
)


def sniff(head: bytes) -> Format:
    """The format of a picture by its first `HEAD` bytes.

    Raises `PictureError` that names what it is instead.
    """
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp" and _AVIF_BRANDS & _brands(head):
        return AVIF
    raise PictureError(f"is {_named(head)}; only JPEG, PNG, WebP, GIF and AVIF are taken")


def _brands(head: bytes) -> set[bytes]:
    size = min(int.from_bytes(head[:4], "big"), len(head))
    return {head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))}


def _named(head: bytes) -> str:
    if not head:
        return "empty"
    if head[4:8] == b"ftyp":
        return "a HEIC" if _brands(head) & {b"heic", b"heix", b"mif1", b"hevc"} else "a video"
    return next((name for pattern, name in _OTHERS if pattern.match(head)), "no picture")
