"""What is known of bytes once they were looked at."""

from __future__ import annotations

from dataclasses import dataclass

from atelier.contracts.enums import MediaOrientation
from atelier.media.pictures.inspecting import Picture


@dataclass(frozen=True, order=True)
class Digest:
    """What bytes are recognised by; `size` in bytes."""

    sha256: str
    size: int
    md5: str
    crc32: int


@dataclass(frozen=True)
class Content:
    """A picture that may be stored."""

    digest: Digest
    picture: Picture

    @property
    def aspect_ratio(self) -> float:
        """Width over height."""
        return round(self.picture.width / self.picture.height, 4)

    @property
    def orientation(self) -> MediaOrientation:
        """How it lies."""
        if self.picture.width == self.picture.height:
            return MediaOrientation.SQUARE
        wide = self.picture.width > self.picture.height
        return MediaOrientation.LANDSCAPE if wide else MediaOrientation.PORTRAIT
