"""What is an address, and how one is recognised when it is typed to sign in."""

import pytest
from pydantic import TypeAdapter, ValidationError

from atelier.identity.credentials import Email, typed_address

_email = TypeAdapter(Email)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("mira@example.com", "mira@example.com"),
        ("Mira@EXAMPLE.com", "Mira@example.com"),
        ("mira+work@studio.local", "mira+work@studio.local"),
        ("mira@studio.test", "mira@studio.test"),
        ("zoe\u0308@example.com", "zo\u00eb@example.com"),
    ],
)
def test_an_address_is_kept_in_its_normal_form(sent: str, kept: str) -> None:
    assert _email.validate_python(sent) == kept


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "mira",
        "mira@",
        "@example.com",
        "mira@example",
        "mi ra@example.com",
        "Mira <mira@example.com>",
        "mira@example.com\n",
        "mira@[127.0.0.1]",
        "m" * 65 + "@example.com",
        "mira@" + "a." * 125 + "com",
        "mira\0@example.com",
    ],
)
def test_what_is_no_address_is_refused(sent: str) -> None:
    with pytest.raises(ValidationError):
        _email.validate_python(sent)


def test_a_typed_address_is_looked_for_as_it_would_be_kept() -> None:
    assert typed_address(" zoe\u0308@example.com ") == "zo\u00eb@example.com"
    assert typed_address("mira\0@example.com") is None
    assert typed_address("m" * 300) is None
    assert typed_address("mira\ud800@example.com") is None
