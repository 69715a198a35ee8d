"""File names: from the template, safe everywhere, unique."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atelier.contracts.deliverables import Deliverable
from atelier.export import naming
from atelier.export.naming import DEFAULT_TEMPLATE, PLACEHOLDERS, UniqueNames, render, safe


def deliverable() -> Deliverable:
    """One of which as little is known as there can be."""
    return Deliverable(
        shot_id=uuid4(),
        look_id=uuid4(),
        shooting_id=uuid4(),
        shooting_name="Spring 2026",
        owner_id=uuid4(),
        status="APPROVED",
        product_id=uuid4(),
        shot_type_id=uuid4(),
    )


def test_missing_values_become_unknown() -> None:
    assert render(DEFAULT_TEMPLATE, deliverable()) == "unknown_unknown_unknown_vunknown"


def test_every_placeholder_can_be_rendered() -> None:
    template = "_".join(f"{{{name}}}" for name in PLACEHOLDERS)
    assert "Spring-2026" in render(template, deliverable())


@pytest.mark.parametrize("template", ["{nothing}", "{brand.__class__}", "{0}", "{}"])
def test_a_template_reaches_nothing_but_its_placeholders(template: str) -> None:
    with pytest.raises(KeyError):
        render(template, deliverable())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("plain", "plain"),
        ("two  words\t", "two-words"),
        ("../../etc/passwd", "-.-etc-passwd"),
        ("..\\..\\boot.ini", "-.-boot.ini"),
        ("C:\\x", "C--x"),
        ("/absolute", "-absolute"),
        ("", "unknown"),
        (" . ", "unknown"),
        ("...", "unknown"),
        ("CON", "_CON"),
        ("nul.tar", "_nul.tar"),
        ("Com1", "_Com1"),
        ("LPT¹", "_LPT¹"),
        ("CONSOLE", "CONSOLE"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("a\u2066b\u200bc\ufeffd", "abcd"),
        ("a\0b\x1bc\x7f", "abc"),
        ("a\r\nContent-Type: x", "a-Content-Type--x"),
        ("e\u0301", "é"),
        ("日本語", "日本語"),
        ('<>:"|?*', "-------"),
        ("trailing. ", "trailing"),
    ],
)
def test_names_are_made_safe(name: str, expected: str) -> None:
    assert safe(name) == expected


@given(st.text(max_size=300))
def test_any_text_becomes_one_bounded_visible_part_of_a_path(text: str) -> None:
    name = safe(text)
    assert 0 < len(name.encode()) <= naming.LONGEST + 1
    assert not set(name) & set('<>:"/\\|?*')
    assert ".." not in name
    assert name == name.strip(". ")
    assert safe(name) == name
    assert name.partition(".")[0].casefold() not in naming.DEVICES


@given(
    st.lists(
        st.sampled_from(["a", "A", "a-2", "A-2", "é", "e\u0301", "É", "ﬁ", "fi", "x" * 180]), max_size=40
    )
)
def test_names_are_unique_also_where_case_and_composition_dont_count(stems: list[str]) -> None:
    names = UniqueNames()
    taken = [naming._sameness(names.take(stem, "webp")) for stem in stems]
    assert len(set(taken)) == len(stems)
    assert all(len(name.encode()) <= naming.LONGEST + 5 for name in taken)


def test_a_thousand_files_of_one_name_are_numbered_through() -> None:
    names = UniqueNames()
    taken = [names.take("coat", "jpg") for _ in range(1000)]
    assert taken[:3] == ["coat.jpg", "coat-2.jpg", "coat-3.jpg"]
    assert taken[-1] == "coat-1000.jpg"
