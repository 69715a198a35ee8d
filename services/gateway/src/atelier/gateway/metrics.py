"""Every metric of the gateway, served on a port of its own that only operators reach."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge, Histogram, start_http_server

if TYPE_CHECKING:  # what an exchange holds counts here too
    from atelier.gateway.exchange import Exchange

SECONDS = Histogram(
    "gateway_request_seconds",
    "Time to answer a request, in seconds.",
    ("service", "method", "route", "status"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
SHED = Counter("gateway_shed_total", "Requests refused because a service had its hands full.", ("service",))
RETRIES = Counter("gateway_retries_total", "Requests that were sent a second time.", ("service",))
RATE_LIMITED = Counter("gateway_rate_limited_total", "Requests beyond a rate, by what was counted.", ("by",))
CIRCUIT_OPEN = Gauge("gateway_circuit_open", "1 where an address is left alone.", ("address",))


def observe(exchange: Exchange, seconds: float) -> None:
    """Count an answered request; paths that nothing serves share one row."""
    route = exchange.route
    service, template = (route.service, route.template) if route else ("gateway", "none")
    method = exchange.method if route else "any"
    SECONDS.labels(service, method, template, str(exchange.status)).observe(seconds)


def serve(host: str, port: int) -> Callable[[], None]:
    """Serve them from a thread; the result ends it."""
    server, thread = start_http_server(port, addr=host)

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop
