"""Colours of a picture: the one that is there most, and the name of its profile."""

from __future__ import annotations

from collections import Counter
from typing import Any

EDGE = 64
"""Pixels that a picture is shrunk to before its colours are counted."""
OPAQUE = 128


def dominant(image: Any) -> str | None:
    """The colour that fills most of a picture, like `#a1b2c3`; None for a wholly transparent one.

    Shrinking reads every pixel, so a picture that breaks off in the middle fails here.
    """
    small = image.shrink(max(1, image.width / EDGE), max(1, image.height / EDGE))
    plain = small.colourspace("srgb").cast("uchar")
    pixels, bands = bytes(plain.write_to_memory()), plain.bands
    seen: Counter[tuple[int, int, int]] = Counter()
    sums: dict[tuple[int, int, int], tuple[int, int, int]] = {}
    for at in range(0, len(pixels), bands):
        if bands > 3 and pixels[at + 3] < OPAQUE:
            continue
        red, green, blue = pixels[at : at + 3]
        alike = (red >> 4, green >> 4, blue >> 4)
        seen[alike] += 1
        before = sums.get(alike, (0, 0, 0))
        sums[alike] = (before[0] + red, before[1] + green, before[2] + blue)
    if not seen:
        return None
    (most, count), *_ = seen.most_common(1)
    return "#" + "".join(f"{round(total / count):02x}" for total in sums[most])


def profile_name(profile: bytes | None) -> str | None:
    """The description in an ICC profile; None without one, or without one that can be read."""
    if profile is None or len(profile) < 132:
        return None
    for number in range(min(int.from_bytes(profile[128:132], "big"), 100)):
        entry = profile[132 + 12 * number : 144 + 12 * number]
        if entry[:4] == b"desc":
            start, size = int.from_bytes(entry[4:8], "big"), int.from_bytes(entry[8:12], "big")
            return _text(profile[start : start + size])
    return None


def _text(tag: bytes) -> str | None:
    if tag[:4] == b"desc":  # version 2: ASCII
        length = int.from_bytes(tag[8:12], "big")
        text = tag[12 : 12 + length].decode("ascii", "replace")
    elif tag[:4] == b"mluc":  # version 4: UTF-16 in several languages, of which the first will do
        length, start = int.from_bytes(tag[20:24], "big"), int.from_bytes(tag[24:28], "big")
        text = tag[start : start + length].decode("utf-16-be", "replace")
    else:
        return None
    readable = "".join(letter for letter in text if letter.isprintable()).strip()
    return readable[:255] or None
