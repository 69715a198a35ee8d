"""What the service hands to the processes that compose, and gets back: light to import, unlike the work."""

from __future__ import annotations

from dataclasses import dataclass


class UnusablePictureError(Exception):
    """An input that can't be read as a picture, or a format that can't be written."""


@dataclass(frozen=True)
class Sources:
    """Paths of the pictures; a process of its own gets paths, never bytes."""

    product: str
    subject: str | None = None
    background: str | None = None


@dataclass(frozen=True)
class Frame:
    """What is asked for: a size in pixels, how much of the body it shows, and a file format."""

    width: int
    height: int
    framing: str
    file_format: str


def compose_here(sources: Sources, frame: Frame, seed: int, to: str) -> None:
    """`compose`, for a worker: NumPy and libvips are loaded where they are needed, and only there."""
    from atelier.generation.backends.compositor.compose import compose

    compose(sources, frame, seed, to)
