"""Identity's settings."""

from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict

from atelier.identity.credentials import Email, Password
from atelier.runtime.settings import Duration, ServiceSettings


class Settings(ServiceSettings):
    """Prefixed `IDENTITY_`; the shared ones are described at their base."""

    model_config = SettingsConfigDict(env_prefix="IDENTITY_")

    service: ClassVar[str] = "identity"
    migrations: ClassVar[Path] = Path(__file__).parents[3] / "migrations"

    port: int = 8001
    access_token_lifetime: Duration = Field(
        timedelta(hours=12), validation_alias="ACCESS_TOKEN_LIFETIME", ge=timedelta(minutes=1)
    )
    """How long a login lasts; seconds or ISO 8601 in the environment."""
    password_threads: int = Field(2, ge=1)
    """How many passwords are hashed at once; each takes 64 MiB meanwhile."""
    first_superuser_email: Email | None = Field(None, validation_alias="FIRST_SUPERUSER_EMAIL")
    first_superuser_password: Password | None = Field(None, validation_alias="FIRST_SUPERUSER_PASSWORD")
    """Of the administrator made at the first start; a user who has that address already is left alone."""

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.first_superuser_email is None) != (self.first_superuser_password is None):
            raise ValueError("Set both FIRST_SUPERUSER_EMAIL and FIRST_SUPERUSER_PASSWORD, or neither")
        return self
