"""Which files of a folder become garments."""

import os
import shutil
from pathlib import Path

import pytest
import pyvips

from demo.errors import BadOptionError
from demo.pictures import read_folder
from demo.tests.conftest import draw


def test_every_readable_picture_is_a_garment_and_the_others_are_named(tmp_path: Path) -> None:
    for name in ("wool_coat.jpg", "Knit-01.PNG", "tee.webp", "tee_back.jpeg", "jeans XL.png"):
        drawn = draw(tmp_path / f"drawn{Path(name).suffix.lower()}", 300, 400)
        shutil.move(drawn, tmp_path / name)
    cut = draw(tmp_path / "cut.jpg", 300, 400)
    cut.write_bytes(cut.read_bytes()[:-200])
    (tmp_path / "words.png").write_text("no picture")
    shutil.move(draw(tmp_path / "moving.gif"), tmp_path / "moving.webp")
    (tmp_path / "notes.txt").write_text("not looked at")
    garments, unreadable = read_folder(tmp_path)
    assert [(one.name, one.sku, one.back is not None) for one in garments] == [
        ("Knit 01", "DEMO-001", False),
        ("Jeans XL", "DEMO-002", False),
        ("Tee", "DEMO-003", True),
        ("Wool coat", "DEMO-004", False),
    ]
    types = [one.front.content_type for one in garments]
    assert types == ["image/png", "image/png", "image/webp", "image/jpeg"]
    assert {one.filename: one.reason for one in unreadable} == {
        "cut.jpg": "no whole picture",
        "moving.webp": "no jpeg, png or webp, whatever its name says",
        "words.png": "no whole picture",
    }


def test_a_picture_larger_than_any_that_is_taken_is_skipped_and_named(tmp_path: Path) -> None:
    draw(tmp_path / "tee.png")
    pyvips.Image.black(10_000, 5_001).write_to_file(tmp_path / "huge.png")
    garments, unreadable = read_folder(tmp_path)
    assert [one.name for one in garments] == ["Tee"]
    assert [(one.filename, one.reason) for one in unreadable] == [
        ("huge.png", "10000×5001 are more than 50,000,000 pixels")
    ]


def test_names_that_are_no_text_are_made_text(tmp_path: Path) -> None:
    latin = Path(os.fsdecode(os.fsencode(tmp_path) + b"/gr\xfcn.png"))
    draw(tmp_path / "tee.png")
    shutil.copy(tmp_path / "tee.png", latin)
    (tmp_path / "two\nlines.jpg").write_text("no picture")
    garments, unreadable = read_folder(tmp_path)
    assert [(one.name, one.front.filename) for one in garments] == [("Gr n", "gr_n.png"), ("Tee", "tee.png")]
    assert [one.filename for one in unreadable] == ["two_lines.jpg"]


def test_a_back_without_its_front_is_a_garment_of_its_own(tmp_path: Path) -> None:
    draw(tmp_path / "tee_back.png")
    garments, _ = read_folder(tmp_path)
    assert [(one.name, one.back) for one in garments] == [("Tee back", None)]


def test_of_two_pictures_of_one_name_the_first_counts(tmp_path: Path) -> None:
    draw(tmp_path / "tee.jpg")
    draw(tmp_path / "tee.png")
    garments, unreadable = read_folder(tmp_path)
    assert [one.front.filename for one in garments] == ["tee.jpg"]
    assert [one.filename for one in unreadable] == ["tee.png"]


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(BadOptionError, match="holds no picture"):
        read_folder(tmp_path)
