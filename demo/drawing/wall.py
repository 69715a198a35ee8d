"""The wall that everything is photographed in front of."""

from __future__ import annotations

from pathlib import Path

import pyvips

from demo.pictures import Picture

DRAWING = Path(__file__).with_name("wall.svg")
"""1200 × 1600 pixels: wide enough that every picture shows another part of it."""


def wall() -> Picture:
    """Panelling, a skirting board and a wooden floor in warm light."""
    image = pyvips.Image.svgload(str(DRAWING))
    return Picture("studio-wall.jpg", "image/jpeg", bytes(image.flatten().jpegsave_buffer(Q=90)))
