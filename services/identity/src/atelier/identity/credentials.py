"""What an address and a password must be like, wherever one is set."""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib import resources
from typing import Annotated

import email_validator
from pydantic import AfterValidator, Field, SecretStr

from atelier.runtime.errors import InvalidError

MAX_EMAIL = 254
MIN_PASSWORD, MAX_PASSWORD = 8, 128

# Nothing is sent to these addresses, and installations of one's own use names like .local or .test.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def _address(text: str) -> str:
    """The address with its domain in lower case; ValueError with what is wrong with it."""
    return email_validator.validate_email(text, check_deliverability=False, strict=True).normalized


def _uncommon(password: SecretStr) -> SecretStr:
    """The password; ValueError for one of those that are tried first."""
    if password.get_secret_value().lower() in _common_passwords():
        raise ValueError("This password is one of the most common ones; choose another one")
    return password


@cache
def _common_passwords() -> frozenset[str]:
    """Those of 8 characters or more, in lower case; shorter ones aren't taken anyway."""
    listed = resources.files(__package__).joinpath("common_passwords.txt").read_text("utf-8")
    return frozenset(listed.split())


def typed_address(text: str) -> str | None:
    """An address as somebody typed it to sign in, in the form it would be stored in.

    None for what can't be anybody's. It isn't validated: who signs in needn't learn the rules.
    """
    lone_surrogate = any("\ud800" <= character <= "\udfff" for character in text[:MAX_EMAIL])
    if len(text) > MAX_EMAIL or "\0" in text or lone_surrogate:
        return None
    return unicodedata.normalize("NFC", text.strip())


Email = Annotated[
    str,
    Field(max_length=MAX_EMAIL, json_schema_extra={"format": "email"}),
    AfterValidator(_address),
]
"""An address by its syntax alone; whether upper or lower case, it is the same one."""

Password = Annotated[
    SecretStr, Field(min_length=MIN_PASSWORD, max_length=MAX_PASSWORD), AfterValidator(_uncommon)
]
"""A password to set: long enough, and none that everybody tries first. Never shown, not even in a log."""


def require_not_address(password: SecretStr, email: str, field: str) -> None:
    """Raise `InvalidError` at that field of the body for a password that the address gives away."""
    typed, address = password.get_secret_value().lower(), email.lower()
    if typed in (address, address.partition("@")[0]):
        msg = "Your address is no password; choose another one."
        raise InvalidError.field("body", field, msg=msg, type_="password_is_address")
