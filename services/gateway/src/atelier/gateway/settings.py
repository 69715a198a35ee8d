"""What an operator can set."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from yarl import URL

from atelier.gateway.buckets import Rate
from atelier.runtime.settings import Urls

_ADDRESSES = tuple(
    f"{service}_urls" for service in ("identity", "catalog", "media", "production", "generation", "export")
)


def _rate(value: object) -> object:
    return Rate.parse(value) if isinstance(value, str) else value


PerTime = Annotated[Rate | None, NoDecode, BeforeValidator(_rate)]
"""`600/60` in the environment: 600 requests at once, refilled in 60 s."""
_CHECKOUT_SERVICES = Path(__file__).resolve().parents[4]


class DocumentSettings(BaseSettings):
    """What is needed to print the merged OpenAPI document."""

    model_config = SettingsConfigDict(
        env_prefix="GATEWAY_", extra="ignore", frozen=True, populate_by_name=True
    )

    openapi_dir: Path = _CHECKOUT_SERVICES
    """Holds `<service>/openapi.json` for each service; the checkout's `services/` by default."""


class GatewaySettings(DocumentSettings):
    """Prefix `GATEWAY_`; what all services share goes by its plain name.

    `internal_token_secret` has no default: whoever knows it may ask a service for anything.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    metrics_port: int = 0
    """Where Prometheus may ask, on the same host; 0 keeps no metrics."""

    internal_token_secret: SecretStr = Field(validation_alias="INTERNAL_TOKEN_SECRET", min_length=32)
    identity_urls: Urls = Field((), validation_alias="IDENTITY_URLS")
    catalog_urls: Urls = Field((), validation_alias="CATALOG_URLS")
    media_urls: Urls = Field((), validation_alias="MEDIA_URLS")
    production_urls: Urls = Field((), validation_alias="PRODUCTION_URLS")
    generation_urls: Urls = Field((), validation_alias="GENERATION_URLS")
    export_urls: Urls = Field((), validation_alias="EXPORT_URLS")

    deadline_seconds: float = 30
    """Until an answer begins, and between two pieces of its body; an operation's
    `x-deadline-seconds` in its service's document goes before."""
    connect_timeout_seconds: float = 1
    identity_timeout_seconds: float = 2
    """For the gateway's own questions to identity."""
    connections_per_address: int = 256
    concurrency_per_address: int = Field(128, ge=1)
    """Requests that a service has in hand at once, for each of its addresses; until an answer begins."""
    queue_per_address: int = Field(64, ge=0)
    """How many more may wait, for 20 ms at most; everybody else is told 503 at once."""
    address_rate: PerTime = None
    """How often one client address may ask. Behind a proxy all come from one: leave it unset there."""
    user_rate: PerTime = None
    api_key_rate: PerTime = None
    cors_origins: Urls = ()
    """Origins of pages that may read answers, comma-separated; `*` is any."""
    security_headers: bool = True
    hsts_seconds: int = Field(0, ge=0)
    """`Strict-Transport-Security`, where TLS is before the gateway; 0 sends none."""
    max_body_bytes: int = 16 * 1024 * 1024
    """Room for a picture inside a JSON body; a service may allow less. Files go straight to the storage."""
    max_header_bytes: int = 32 * 1024
    stop_deadline: timedelta = Field(timedelta(seconds=8), validation_alias="STOP_DEADLINE")
    """How long a stopping gateway may take for the requests in hand."""

    log_format: Literal["json", "console"] = Field("json", validation_alias="LOG_FORMAT")
    log_level: str = Field("INFO", validation_alias="LOG_LEVEL")
    otlp_endpoint: str | None = Field(None, validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT")

    @field_validator(*_ADDRESSES, mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())

    @field_validator(*_ADDRESSES)
    @classmethod
    def _bare_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for address in value:
            url = URL(address)
            if url.scheme not in ("http", "https") or not url.host or url.path not in ("", "/"):
                raise ValueError(f"{address!r} is no address of the form http://host:port")
        return value

    @property
    def addresses(self) -> dict[str, tuple[str, ...]]:
        """Service → base URLs, only of services that have any."""
        every = {name.removesuffix("_urls"): getattr(self, name) for name in _ADDRESSES}
        return {service: urls for service, urls in every.items() if urls}
