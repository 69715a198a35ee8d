"""Every metric of the gateway, served on a port of its own that only operators reach."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import Histogram, start_http_server

from atelier.gateway.exchange import Exchange

SECONDS = Histogram(
    "gateway_request_seconds",
    "Time to answer a request, in seconds.",
    ("service", "method", "route", "status"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


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
