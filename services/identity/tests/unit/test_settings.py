"""The first superuser is told whole or not at all, and by the rules for every user."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from atelier.identity.settings import Settings

VALUES = {"database_url": "postgresql://", "internal_token_secret": "x" * 32, "kafka_bootstrap_servers": ""}
EMAIL, PASSWORD = "FIRST_SUPERUSER_EMAIL", "FIRST_SUPERUSER_PASSWORD"


def test_without_a_first_superuser_there_is_none() -> None:
    settings = Settings.model_validate(VALUES)
    assert settings.first_superuser_email is None
    assert settings.access_token_lifetime == timedelta(hours=12)


@pytest.mark.parametrize(
    "first",
    [
        {EMAIL: "root@example.com"},
        {PASSWORD: "long enough"},
        {EMAIL: "root", PASSWORD: "long enough"},
        {EMAIL: "root@example.com", PASSWORD: "short"},
    ],
)
def test_half_a_first_superuser_is_refused(first: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(VALUES | first)


def test_the_first_password_is_not_shown() -> None:
    settings = Settings.model_validate(VALUES | {EMAIL: "root@example.com", PASSWORD: "hunter2 hunter2"})
    assert "hunter2" not in repr(settings)
