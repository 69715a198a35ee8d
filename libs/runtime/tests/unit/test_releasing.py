"""Names for what comes back to an owner who may have the same name already."""

import time

import pytest

from atelier.runtime.releasing import FreeNames


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
    assert FreeNames(taken).take(name) == free
    assert len(free) <= 255


def test_a_batch_of_one_name_gets_ascending_numbers_across_the_digits() -> None:
    name = "x" * 255
    names = FreeNames({name, name[:251] + " (3)"})
    given = [names.take(name) for _ in range(9)]
    assert given == [
        *(f"{name[:251]} ({number})" for number in (2, *range(4, 10))),
        *(f"{name[:250]} ({number})" for number in (10, 11)),
    ]


def test_long_names_that_are_cut_to_the_same_stem_share_its_numbers() -> None:
    first, second = "x" * 251 + "abcd", "x" * 251 + "wxyz"
    names = FreeNames({first, second})
    assert [names.take(first), names.take(second)] == ["x" * 251 + " (2)", "x" * 251 + " (3)"]


def test_a_name_that_was_given_to_another_in_between_is_passed_over() -> None:
    names = FreeNames({"Spring"})
    given = [names.take(name) for name in ("Spring (2)", "Spring", "Spring (4)", "Spring")]
    assert given == ["Spring (2)", "Spring (3)", "Spring (4)", "Spring (5)"]


def test_a_batch_beside_many_taken_numbers_looks_at_each_of_them_once() -> None:
    names = FreeNames({"Spring"} | {f"Spring ({number})" for number in range(2, 10_002)})
    started = time.process_time()
    given = [names.take("Spring") for _ in range(200)]
    assert given[-1] == "Spring (10201)"
    assert time.process_time() - started < 0.25
