"""The one page that a person sees when everything is up."""

from __future__ import annotations

from collections.abc import Sequence

from atelier.stack.data_folder import DataFolder
from atelier.stack.endpoints import Endpoints
from atelier.stack.environment import first_email, first_password
from atelier.stack.services import GATEWAY, Service
from atelier.stack.settings import Settings
from atelier.stack.state import State


def page(
    settings: Settings,
    folder: DataFolder,
    state: State,
    endpoints: Endpoints,
    services: Sequence[Service],
    seconds: float,
) -> str:
    """What runs where, how to log in and how to stop; the generated password only before it was shown."""
    rows = [*_gateway(settings, services), *_login(settings, state, services), *_parts(endpoints)]
    rows += [("Data", str(folder.path)), ("Logs", f"{folder.logs}/"), ("Stop", "Ctrl-C")]
    lines = [f"  {name:<12} {text}" for name, text in rows]
    return "\n".join(["", f"  Atelier is ready ({seconds:.1f} s).", "", *lines, ""])


def _gateway(settings: Settings, services: Sequence[Service]) -> list[tuple[str, str]]:
    if all(service.name != GATEWAY.name for service in services):
        return []
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.gateway_host, settings.gateway_host)  # noqa: S104
    url = f"http://{host}:{settings.gateway_port}"
    return [("API", url), ("Docs", f"{url}/docs")]


def _login(settings: Settings, state: State, services: Sequence[Service]) -> list[tuple[str, str]]:
    if all(service.name != "identity" for service in services):
        return []
    email = first_email(settings, state)
    if settings.first_superuser_password:
        return [("First login", f"{email}, with the password in FIRST_SUPERUSER_PASSWORD")]
    if state.first_login_shown:
        return [("First login", f"{email}, with the password shown or set at the first start")]
    return [
        ("First login", email),
        ("Password", f"{first_password(settings, state)}   (shown only this once)"),
    ]


def _parts(endpoints: Endpoints) -> list[tuple[str, str]]:
    postgres = endpoints.postgres_admin_url.rpartition("@")[2]
    return [
        ("PostgreSQL", postgres.partition("?")[0]),
        ("Kafka", endpoints.kafka_bootstrap_servers),
        ("S3", f"{endpoints.s3_endpoint_url}, bucket {endpoints.s3_bucket}"),
    ]
