"""The sheet takes whatever a garment's picture is."""

from pathlib import Path

import pytest
import pyvips

from demo import contact_sheet
from demo.contact_sheet import Entry, ShotRow
from demo.tests.conftest import draw


@pytest.mark.parametrize(("width", "height"), [(4000, 8), (8, 4000), (1, 1)])
def test_a_picture_of_any_shape_has_its_place(tmp_path: Path, width: int, height: int) -> None:
    product = draw(tmp_path / "product.png", width, height).read_bytes()
    shown = draw(tmp_path / "shown.png", 300, 400).read_bytes()
    contact_sheet.write(
        [Entry("Line", "L-1", product, (ShotRow("front full body", (shown, shown), shown, "line.png"),))],
        "Atelier",
        tmp_path / "sheet.png",
    )
    assert pyvips.Image.new_from_file(str(tmp_path / "sheet.png")).avg() > 0
