"""Identity's settings."""

from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, model_validator
from pydantic_settings import SettingsConfigDict

from atelier.identity.attempts.use_cases import Limit, Throttle
from atelier.identity.credentials import Email, Password
from atelier.identity.lifetimes import Lifetimes
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
    refreshed_token_lifetime: Duration = Field(
        timedelta(minutes=15), validation_alias="REFRESHED_TOKEN_LIFETIME", ge=timedelta(minutes=1)
    )
    """Of the access tokens that a refresh answers, where that is shorter."""
    refresh_token_lifetime: Duration = Field(
        timedelta(days=30), validation_alias="REFRESH_TOKEN_LIFETIME", ge=timedelta(minutes=1)
    )
    """How long a login may rest and still be refreshed."""
    session_lifetime: Duration = Field(
        timedelta(days=90), validation_alias="SESSION_LIFETIME", ge=timedelta(minutes=1)
    )
    """After which everybody logs in again, however often they refreshed."""
    registration: bool = False
    """Whether anybody may make an account; otherwise administrators do."""
    invitation_lifetime: Duration = Field(timedelta(days=7), ge=timedelta(minutes=1))
    signing_key_rotation: Duration = Field(timedelta(days=90), ge=timedelta(0))
    """How old a signing key gets before a new one follows; 0 for never by itself."""
    signing_key_lead: Duration = Field(timedelta(minutes=10), ge=timedelta(0))
    """How long a new key is published before it signs: longer than whoever verifies keeps the keys."""
    login_attempts_per_account: int = Field(5, ge=1)
    """Failed ones that needn't wait; one more is forgiven every ten minutes."""
    login_attempts_per_address: int = Field(50, ge=1)
    """The same for a client's address, which many people may share; one is forgiven a minute."""
    login_longest_wait: Duration = Field(timedelta(minutes=15), ge=timedelta(seconds=1))
    """The waits between further attempts double up to it."""
    password_threads: int = Field(2, ge=1)
    """How many passwords are hashed at once; each takes 64 MiB meanwhile."""
    first_superuser_email: Email | None = Field(None, validation_alias="FIRST_SUPERUSER_EMAIL")
    first_superuser_password: Password | None = Field(None, validation_alias="FIRST_SUPERUSER_PASSWORD")
    """Of the administrator made at the first start; a user who has that address already is left alone."""

    @property
    def lifetimes(self) -> Lifetimes:
        """How long tokens and sessions last."""
        return Lifetimes(
            access=self.access_token_lifetime,
            refreshed=self.refreshed_token_lifetime,
            idle=self.refresh_token_lifetime,
            session=self.session_lifetime,
        )

    @property
    def throttle(self) -> Throttle:
        """How often passwords may be tried."""
        return Throttle(
            account=Limit(self.login_attempts_per_account, timedelta(minutes=10)),
            address=Limit(self.login_attempts_per_address, timedelta(minutes=1)),
            longest_wait=self.login_longest_wait,
        )

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.first_superuser_email is None) != (self.first_superuser_password is None):
            raise ValueError("Set both FIRST_SUPERUSER_EMAIL and FIRST_SUPERUSER_PASSWORD, or neither")
        return self
