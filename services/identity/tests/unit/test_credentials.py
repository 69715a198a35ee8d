"""What is an address, and how one is recognised when it is typed to sign in."""

from importlib import resources

import pytest
from pydantic import SecretStr, TypeAdapter, ValidationError

from atelier.identity.credentials import MIN_PASSWORD, Email, Password, require_not_address, typed_address
from atelier.runtime.errors import InvalidError

_email = TypeAdapter(Email)
COMMON = resources.files("atelier.identity").joinpath("common_passwords.txt").read_text("utf-8").split()


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


def test_the_list_of_common_passwords_holds_only_what_would_be_taken_otherwise() -> None:
    assert len(COMMON) > 300
    assert len(set(COMMON)) == len(COMMON)
    assert all(len(password) >= MIN_PASSWORD and password == password.lower() for password in COMMON)


@pytest.mark.parametrize("password", ["password", "PASSWORD1", "Qwerty123", "12345678"])
def test_a_common_password_is_refused_in_any_case(password: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Password).validate_python(password)


@pytest.mark.parametrize("password", ["Mira@Example.com", "mira", "MIRA"])
def test_an_address_is_no_password_of_its_own(password: str) -> None:
    with pytest.raises(InvalidError) as refused:
        require_not_address(SecretStr(password), "mira@example.com", "password")
    assert refused.value.problems[0].loc == ("body", "password")
    require_not_address(SecretStr(password + " likes dogs"), "mira@example.com", "password")
