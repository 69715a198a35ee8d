"""The environment of each service: what the stack was started with, its own addresses and secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from atelier.stack.data_folder import DataFolder
from atelier.stack.endpoints import Endpoints
from atelier.stack.provisioning import database_of
from atelier.stack.services import GATEWAY, Service
from atelier.stack.settings import Settings
from atelier.stack.state import State

DEFAULT_EMAIL = "admin@example.com"


def service_environments(
    services: Sequence[Service], settings: Settings, state: State, endpoints: Endpoints
) -> dict[str, dict[str, str]]:
    """By service name, only what the stack sets; a service gets no other service's database."""
    addresses = {service: _address(service, settings, state) for service in services}
    shared = _shared(settings, state, endpoints) | {
        service.variable("URLS"): f"http://{host}:{port}"
        for service, (host, port) in addresses.items()
        if service.name != GATEWAY.name
    }
    return {
        service.name: shared
        | {service.variable("HOST"): host, service.variable("PORT"): str(port)}
        | _own(service, settings, state, endpoints)
        for service, (host, port) in addresses.items()
    }


def whole_environment(base: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """What a process gets: the person's own environment, where the stack's settings win."""
    defaults = {"LOG_FORMAT": "console", "AWS_DEFAULT_REGION": "us-east-1", "PYTHONUNBUFFERED": "1"}
    withheld = {"POSTGRES_ADMIN_URL"}
    kept = {name: value for name, value in base.items() if name not in withheld}
    return {**defaults, **kept, **own}


def database_passwords(services: Sequence[Service], state: State) -> dict[str, str]:
    """By service name, for those that have a database; made when asked for the first time."""
    return {
        service.name: state.secret(f"postgres.{service.name}")
        for service in services
        if service.needs_database
    }


def _address(service: Service, settings: Settings, state: State) -> tuple[str, int]:
    if service.name == GATEWAY.name:
        return settings.gateway_host, settings.gateway_port
    return "127.0.0.1", state.port(service.name)


def _shared(settings: Settings, state: State, endpoints: Endpoints) -> dict[str, str]:
    return {
        "KAFKA_BOOTSTRAP_SERVERS": endpoints.kafka_bootstrap_servers,
        "KAFKA_TOPIC_PREFIX": settings.kafka_topic_prefix,
        "S3_ENDPOINT_URL": endpoints.s3_endpoint_url,
        "S3_BUCKET": endpoints.s3_bucket,
        "CDN_URL": settings.cdn_url or f"{endpoints.s3_endpoint_url}/{endpoints.s3_bucket}",
        "AWS_ACCESS_KEY_ID": endpoints.s3_access_key,
        "AWS_SECRET_ACCESS_KEY": endpoints.s3_secret_key,
        "INTERNAL_TOKEN_SECRET": settings.internal_token_secret or state.secret("internal_token"),
    }


def _own(service: Service, settings: Settings, state: State, endpoints: Endpoints) -> dict[str, str]:
    own = {"TMPDIR": str(DataFolder(settings.data_dir).temporary(service.name))}
    if service.needs_database:
        name, password = database_of(service.name), state.secret(f"postgres.{service.name}")
        own[service.variable("DATABASE_URL")] = endpoints.database_url(name, name, password)
    if service.name == "identity":
        own["FIRST_SUPERUSER_EMAIL"] = first_email(settings, state)
        own["FIRST_SUPERUSER_PASSWORD"] = first_password(settings, state)
    return own


def first_email(settings: Settings, state: State) -> str:
    """The first login: from the environment, else that of an earlier start, else a default."""
    return settings.first_superuser_email or state.first_superuser_email or DEFAULT_EMAIL


def first_password(settings: Settings, state: State) -> str:
    """From the environment, else one made at random and kept."""
    return settings.first_superuser_password or state.secret("first_superuser_password")
