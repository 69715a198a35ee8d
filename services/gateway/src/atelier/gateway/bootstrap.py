"""The one place that builds objects."""

from __future__ import annotations

from typing import Any

import aiohttp

from atelier.gateway import metrics
from atelier.gateway.access_log import AccessLog
from atelier.gateway.addresses import Addresses
from atelier.gateway.app import IDENTITY, Gateway, Observe, Parts, Rules
from atelier.gateway.authentication import AccessTokens, Authentication, Caller, Callers, SigningKeys
from atelier.gateway.browsers import Cors, security_headers
from atelier.gateway.circuit import Circuit, Probe
from atelier.gateway.client import Client
from atelier.gateway.deadlines import Deadlines
from atelier.gateway.forwarding import Forwarder
from atelier.gateway.health import Health
from atelier.gateway.identity_client import IdentityClient
from atelier.gateway.openapi import DocumentError, merge, read_documents
from atelier.gateway.pages import pages
from atelier.gateway.rate_limits import RateLimits
from atelier.gateway.routing import Document, routing_table
from atelier.gateway.service_health import ServiceHealth
from atelier.gateway.settings import GatewaySettings
from atelier.gateway.shedding import Slots
from atelier.gateway.tracing import start_span_with
from atelier.runtime.auth import InternalTokens


def build(settings: GatewaySettings) -> Gateway:
    """The application. DocumentError or RoutingError where what is to be served is contradictory."""
    documents = read_documents(settings.openapi_dir)
    _check_addresses(settings, documents)
    observers: list[Observe] = [AccessLog(settings.log_format, settings.log_level).write]
    if settings.metrics_port:
        observers.append(metrics.observe)
    document = merged_document(documents)

    async def open_parts() -> Parts:
        return _open_parts(settings, document)

    return Gateway(
        routing_table(documents),
        open_parts,
        start_span_with(settings.otlp_endpoint),
        tuple(observers),
        _rules(settings),
    )


def merged_document(documents: dict[str, Document]) -> dict[str, Any]:
    """The public OpenAPI document of all services, checked."""
    routing_table(documents)
    return merge(documents)


def _open_parts(settings: GatewaySettings, document: dict[str, Any]) -> Parts:
    client = Client(settings.connect_timeout_seconds, settings.connections_per_address)
    session = aiohttp.ClientSession()
    deadlines = Deadlines()
    health = Health(session, settings.addresses)
    addresses = _addresses(settings, health.speaks)
    tokens = InternalTokens(settings.internal_token_secret.get_secret_value(), "gateway")
    identity = IdentityClient(session, addresses[IDENTITY], tokens, settings.identity_timeout_seconds)

    async def close() -> None:
        deadlines.close()
        for each in addresses.values():
            each.close()
        await client.close()
        await session.close()

    def is_superuser(caller: Caller) -> bool:
        return tokens.read(caller.authorization.removeprefix("Bearer ")).superuser

    return Parts(
        authentication=Authentication(AccessTokens(SigningKeys(identity)), Callers(identity, tokens)),
        forwarder=Forwarder(client, addresses, deadlines, settings.deadline_seconds, settings.max_body_bytes),
        pages=pages(document, health, ServiceHealth(session, settings.addresses, tokens)),
        is_superuser=is_superuser,
        close=close,
    )


def _rules(settings: GatewaySettings) -> Rules:
    rates = {
        "address": settings.address_rate,
        "user": settings.user_rate,
        "api_key": settings.api_key_rate,
    }
    added = security_headers(on=settings.security_headers, hsts_seconds=settings.hsts_seconds)
    return Rules(Cors(settings.cors_origins), RateLimits(rates), added)


def _addresses(settings: GatewaySettings, probe: Probe) -> dict[str, Addresses]:
    addresses = {}
    for service, urls in settings.addresses.items():
        limit = settings.concurrency_per_address * len(urls)
        slots = Slots(service, limit, settings.queue_per_address * len(urls))
        addresses[service] = Addresses([Circuit(url, probe) for url in urls], slots)
    return addresses


def _check_addresses(settings: GatewaySettings, documents: dict[str, Document]) -> None:
    for service in [IDENTITY, *documents]:
        if service not in settings.addresses:
            raise DocumentError(
                f"The gateway doesn't know where {service} listens; set {service.upper()}_URLS."
            )
