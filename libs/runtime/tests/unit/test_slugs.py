"""A slug from a name, and the first free number behind one that is taken."""

import re

import pytest

from atelier.runtime.slugs import FreeSlugs, slug_of


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Maison Okafor", "maison-okafor"),
        ("  Élan & Fils, S.A.  ", "elan-fils-s-a"),
        ("A" * 255, "a" * 64),
        ("a" * 63 + " b", "a" * 63),
        ("東京", "organization"),
        ("---", "organization"),
        ("2 Rue", "2-rue"),
    ],
)
def test_a_slug_is_made_of_what_the_name_has(name: str, slug: str) -> None:
    assert slug_of(name, "organization") == slug
    assert re.fullmatch(r"[a-z0-9-]{1,64}", slug)


def test_a_taken_one_is_numbered_with_the_first_free_number() -> None:
    slugs = FreeSlugs({"anna", "anna-2", "anna-4"})
    assert [slugs.take("anna") for _ in range(3)] == ["anna-3", "anna-5", "anna-6"]
    assert [slugs.take("bea") for _ in range(2)] == ["bea", "bea-2"]
