"""What is drawn for the purpose: different garments, each from both sides, and where they are to sit."""

from pathlib import Path

import pytest
import pyvips

from demo.contact_sheet import Entry, ShotRow, write
from demo.drawing.garments import COLLECTION, COLOURS, PAPER, drawn
from demo.drawing.mannequin import VIEWS, views
from demo.drawing.outline import symmetric
from demo.drawing.wall import wall
from demo.pictures import Garment


@pytest.fixture(scope="module", name="garments")
def _garments() -> list[Garment]:
    return drawn(len(COLLECTION) + 1)


def test_every_garment_has_two_sides_a_name_and_a_number(garments: list[Garment]) -> None:
    assert len({garment.sku for garment in garments}) == len(garments)
    assert len({garment.name for garment in garments}) == len(garments)
    sides = {side.content for garment in garments for side in (garment.front, garment.back) if side}
    assert len(sides) == 2 * len(garments)


def test_a_garment_lies_on_plain_paper(garments: list[Garment]) -> None:
    for garment in garments:
        image = pyvips.Image.new_from_buffer(garment.front.content, "")
        corners = [image.getpoint(x, y) for x in (2, image.width - 3) for y in (2, image.height - 3)]
        assert all(
            abs(value - paper) < 4 for corner in corners for value, paper in zip(corner, PAPER, strict=True)
        )
        assert (
            image.crop(image.width // 4, image.height // 4, image.width // 2, image.height // 2).deviate()
            > 10
        )


def test_a_design_comes_in_several_colours() -> None:
    assert all(len(design.colours) == COLOURS for design in COLLECTION)


def test_the_mannequin_stands_on_nothing_from_head_to_foot() -> None:
    shown = views()
    assert shown.keys() == VIEWS.keys()
    for view in shown.values():
        alpha = pyvips.Image.new_from_buffer(view.content, "").extract_band(3)
        left, _, width, height = alpha.find_trim(background=0, threshold=40)
        assert width < 0.55 * height, "generation takes wider ones for half a person"
        assert abs(left + width / 2 - alpha.width / 2) <= 2


def test_the_wall_is_a_picture() -> None:
    image = pyvips.Image.new_from_buffer(wall().content, "")
    assert (image.width, image.height, image.bands) == (1200, 1600, 3)


def test_an_outline_is_the_same_on_both_sides() -> None:
    assert symmetric((0, 0), ((5, 1),), ((6, 2), (6, 3), (0, 9))) == (
        "M0,0 L5,1 C6,2 6,3 0,9 C-6,3 -6,2 -5,1 L0,0 Z"
    )


def test_the_sheet_shows_any_number_of_products(garments: list[Garment], tmp_path: Path) -> None:
    picture = garments[0].front.content
    tried = ShotRow("front_full_body", (picture, picture), picture, "Atelier_CK-001_front_full_body_v2.webp")
    once = ShotRow(
        "back_full_body", (picture,), picture, "a name that is much longer than there is room for.webp"
    )
    entries = [Entry("Knit & <co>", "CK-001", picture, (tried, once)), Entry("Ä" * 90, "X", picture, (once,))]
    write(entries, "Atelier", tmp_path / "two.png")
    write(entries[:1], "Atelier", tmp_path / "one.jpg")
    two, one = (pyvips.Image.new_from_file(str(tmp_path / name)) for name in ("two.png", "one.jpg"))
    assert (two.bands, one.bands) == (3, 3)
    assert two.width > 1.8 * one.width
    assert two.height == one.height
