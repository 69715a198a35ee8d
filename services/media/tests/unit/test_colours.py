"""The colour that fills most of a picture."""

import pytest
import pyvips

from atelier.media.pictures.colours import dominant


def plain(*colour: int) -> pyvips.Image:
    """A picture of one colour, with transparency where there are four numbers."""
    image = pyvips.Image.black(64, 64, bands=len(colour)).new_from_image(list(colour))
    return image.copy(interpretation="srgb").cast("uchar")


@pytest.mark.parametrize("colour", [(200, 30, 60), (200, 30, 60, 255)])
def test_the_only_colour_is_the_dominant_one(colour: tuple[int, ...]) -> None:
    assert dominant(plain(*colour)) == "#c81e3c"


def test_what_nobody_sees_has_no_colour() -> None:
    seen = plain(0, 0, 250, 255).embed(192, 0, 256, 64, extend="background", background=[250, 0, 0, 0])
    assert dominant(seen) == "#0000fa"
    assert dominant(plain(250, 0, 0, 0)) is None
