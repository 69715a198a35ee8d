"""A slug from a name."""

import re

import pytest

from atelier.identity.organizations.use_cases import slug_of


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
    assert slug_of(name) == slug
    assert re.fullmatch(r"[a-z0-9-]{1,64}", slug)
