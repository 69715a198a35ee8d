"""Names for what comes back to an owner who may have the same name already."""

import pytest

from atelier.runtime.releasing import STEM, untaken


@pytest.mark.parametrize(
    ("name", "taken", "free"),
    [
        ("Spring", set(), "Spring"),
        ("Spring", {"spring", "Spring 2"}, "Spring"),
        ("Spring", {"Spring"}, "Spring (2)"),
        ("Spring", {"Spring", "Spring (2)", "Spring (4)"}, "Spring (3)"),
        ("Spring (2)", {"Spring (2)"}, "Spring (2) (2)"),
        ("x" * 255, {"x" * 255}, "x" * 251 + " (2)"),
    ],
)
def test_a_taken_name_is_numbered_and_never_too_long(name: str, taken: set[str], free: str) -> None:
    assert untaken(name, taken) == free
    assert len(free) <= 255


def test_a_numbered_name_still_begins_as_the_stem_that_is_looked_for() -> None:
    name = "x" * 255
    taken = {name} | {f"{name[:251]} ({number})" for number in range(2, 10)}
    assert untaken(name, taken).startswith(name[:STEM])
