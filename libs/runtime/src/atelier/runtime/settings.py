"""Settings that every service has; each service subclasses with its own prefix."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from atelier.contracts.public.media import Cdn


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Urls = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""Base URLs, comma-separated in the environment."""


def _seconds(value: object) -> object:
    """A plain number in the environment is seconds; anything else goes on as it is (ISO 8601)."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _without_slash(url: str) -> str:
    return url.rstrip("/")


Duration = Annotated[timedelta, BeforeValidator(_seconds)]


class ServiceSettings(BaseSettings):
    """Host, port and database are prefixed by the service's name; the rest is shared.

    No secret has a default: the embedded stack makes random ones, others must bring theirs.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    service: ClassVar[str]
    migrations: ClassVar[Path]
    """The folder with the service's own branch of migrations."""

    host: str = "127.0.0.1"
    port: int
    database_url: SecretStr
    database_pool_size: int = 10
    roles: Annotated[frozenset[str], NoDecode, BeforeValidator(_split)] = frozenset(
        {"http", "consumers", "relay", "jobs"}
    )
    """What this process does; an operator may run the roles in processes of their own."""

    internal_token_secret: SecretStr = Field(validation_alias="INTERNAL_TOKEN_SECRET", min_length=32)
    kafka_bootstrap_servers: str = Field(validation_alias="KAFKA_BOOTSTRAP_SERVERS")
    kafka_topic_prefix: str = Field("", validation_alias="KAFKA_TOPIC_PREFIX")
    kafka_group_prefix: str = Field("", validation_alias="KAFKA_GROUP_PREFIX")
    identity_urls: Urls = Field((), validation_alias="IDENTITY_URLS")
    catalog_urls: Urls = Field((), validation_alias="CATALOG_URLS")
    production_urls: Urls = Field((), validation_alias="PRODUCTION_URLS")
    media_urls: Urls = Field((), validation_alias="MEDIA_URLS")
    generation_urls: Urls = Field((), validation_alias="GENERATION_URLS")
    export_urls: Urls = Field((), validation_alias="EXPORT_URLS")
    release_again_after: Duration = Field(timedelta(minutes=2), validation_alias="RELEASE_AGAIN_AFTER")
    """When what belonged to a deleted organization is looked for once more."""
    relay_deadline: Duration = Field(
        timedelta(seconds=10), lt=timedelta(seconds=30), validation_alias="RELAY_DEADLINE"
    )
    """When events that the broker doesn't acknowledge are handed over again, by a new producer; before
    the old one's own timeout, which would end batches one by one."""
    log_format: Literal["json", "console"] = Field("json", validation_alias="LOG_FORMAT")
    log_level: str = Field("INFO", validation_alias="LOG_LEVEL")
    otlp_endpoint: str | None = Field(None, validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")
    max_json_bytes: int = Field(1024 * 1024, validation_alias="MAX_JSON_BYTES")
    job_lease: Duration = Field(timedelta(seconds=60), validation_alias="JOB_LEASE")
    """How long the worker of a job may be silent before another takes it over."""
    job_slots: int = Field(4, ge=1, validation_alias="JOB_SLOTS")
    """How many jobs one process runs at once."""
    internal_deadline: Duration = Field(timedelta(seconds=1), validation_alias="INTERNAL_DEADLINE")
    """How long a read of another service may take; the replica answers for one that takes longer."""
    stop_deadline: Duration = Field(timedelta(seconds=8), validation_alias="STOP_DEADLINE")
    """How long a stopping process may take for the requests and records in hand."""

    @classmethod
    def for_document(cls) -> Self:
        """Enough to build the application for its OpenAPI document; it can't serve."""
        unused = "not used for the document, which needs no secret"
        return cls.model_validate(
            {
                "database_url": "postgresql://",
                "internal_token_secret": unused,
                "kafka_bootstrap_servers": "",
                "cdn_url": "http://cdn",
                "s3_endpoint_url": "http://s3",
                "s3_bucket": "bucket",
                "s3_access_key": unused,
                "s3_secret_key": unused,
            }
        )

    def urls_of(self, service: str) -> tuple[str, ...]:
        """Where that service listens inside, by its setting `<service>_urls`.

        AttributeError for a service without one: who asks another service declares it.
        """
        urls: tuple[str, ...] = getattr(self, f"{service}_urls")
        return urls


class MediaSettings(ServiceSettings):
    """Of services that show stored files."""

    cdn_url: Annotated[str, AfterValidator(_without_slash)] = Field(validation_alias="CDN_URL")
    """Where the bucket's public files can be fetched; a file's URL is this, a slash and its key."""

    @property
    def cdn(self) -> Cdn:
        """What makes URLs of stored files."""
        return Cdn(self.cdn_url)


class StorageSettings(MediaSettings):
    """Of services that read and write the bucket."""

    s3_endpoint_url: str = Field(validation_alias="S3_ENDPOINT_URL")
    s3_public_endpoint_url: str | None = Field(None, validation_alias="S3_PUBLIC_ENDPOINT_URL")
    """The host in presigned URLs, where clients reach the storage elsewhere than services do."""
    s3_bucket: str = Field(validation_alias="S3_BUCKET")
    s3_region: str = Field("us-east-1", validation_alias="AWS_DEFAULT_REGION")
    s3_access_key: SecretStr = Field(validation_alias="AWS_ACCESS_KEY_ID")
    s3_secret_key: SecretStr = Field(validation_alias="AWS_SECRET_ACCESS_KEY")
