"""Settings that every service has; each service subclasses with its own prefix."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Urls = Annotated[tuple[str, ...], NoDecode]
"""Base URLs, comma-separated in the environment."""


class ServiceSettings(BaseSettings):
    """Host, port and database are prefixed by the service's name; the rest is shared.

    No secret has a default: the embedded stack makes random ones, others must bring theirs.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    service: ClassVar[str]

    host: str = "127.0.0.1"
    port: int
    database_url: SecretStr
    database_pool_size: int = 10
    roles: Annotated[frozenset[str], NoDecode] = frozenset({"http", "consumers", "relay", "jobs"})
    """What this process does; an operator may run the roles in processes of their own."""

    internal_token_secret: SecretStr = Field(validation_alias="INTERNAL_TOKEN_SECRET", min_length=32)
    kafka_bootstrap_servers: str = Field(validation_alias="KAFKA_BOOTSTRAP_SERVERS")
    kafka_topic_prefix: str = Field("", validation_alias="KAFKA_TOPIC_PREFIX")
    kafka_group_prefix: str = Field("", validation_alias="KAFKA_GROUP_PREFIX")
    identity_urls: Urls = Field((), validation_alias="IDENTITY_URLS")
    catalog_urls: Urls = Field((), validation_alias="CATALOG_URLS")
    production_urls: Urls = Field((), validation_alias="PRODUCTION_URLS")
    release_again_after: timedelta = Field(timedelta(minutes=2), validation_alias="RELEASE_AGAIN_AFTER")
    """When what belonged to a deleted organization is looked for once more."""
    log_format: Literal["json", "console"] = Field("json", validation_alias="LOG_FORMAT")
    log_level: str = Field("INFO", validation_alias="LOG_LEVEL")
    otlp_endpoint: str | None = Field(None, validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    max_json_bytes: int = Field(1024 * 1024, validation_alias="MAX_JSON_BYTES")
    stop_deadline: timedelta = Field(timedelta(seconds=8), validation_alias="STOP_DEADLINE")
    """How long a stopping process may take for the requests and records in hand."""

    @field_validator("identity_urls", "catalog_urls", "production_urls", "roles", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return (
            [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
        )

    @classmethod
    def for_document(cls) -> Self:
        """Enough to build the application for its OpenAPI document; it can't serve."""
        unused = "not used for the document, which needs no secret"
        return cls.model_validate(
            {"database_url": "postgresql://", "internal_token_secret": unused, "kafka_bootstrap_servers": ""}
        )

    def urls_of(self, service: str) -> tuple[str, ...]:
        """Where that service listens inside; KeyError for a service without such a setting."""
        return {
            "identity": self.identity_urls,
            "catalog": self.catalog_urls,
            "production": self.production_urls,
        }[service]
