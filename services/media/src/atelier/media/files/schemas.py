"""What the files' operation takes."""

from enum import StrEnum

from atelier.media.formats import AVIF, GIF, JPEG, PNG, WEBP, Format


class ImageType(StrEnum):
    """A format that a picture can be had in."""

    WEBP = "webp"
    JPEG = "jpeg"
    PNG = "png"
    AVIF = "avif"
    GIF = "gif"

    @property
    def target(self) -> Format:
        """The format as media knows it."""
        return _FORMATS[self]


_FORMATS = {
    ImageType.WEBP: WEBP,
    ImageType.JPEG: JPEG,
    ImageType.PNG: PNG,
    ImageType.AVIF: AVIF,
    ImageType.GIF: GIF,
}
