"""The process: reads settings, listens, and ends cleanly on SIGTERM."""

from __future__ import annotations

import gc
import logging
import socket
import sys
from collections.abc import Callable
from typing import NoReturn

import uvicorn
from pydantic import ValidationError

from atelier.gateway import metrics
from atelier.gateway.app import Gateway
from atelier.gateway.bootstrap import build
from atelier.gateway.openapi import DocumentError
from atelier.gateway.protocol import LimitedProtocol
from atelier.gateway.routing import RoutingError
from atelier.gateway.settings import GatewaySettings
from atelier.runtime import telemetry
from atelier.runtime.http.draining import DrainingServer

_BACKLOG = 2048
_KEEP_ALIVE_SECONDS = 75
_GARBAGE_OF_A_FEW_HUNDRED_REQUESTS = 20_000


def serve() -> None:
    """Serve until SIGTERM or SIGINT. What is wrong before that is one sentence and exit code 2."""
    settings = read_settings()
    telemetry.configure("gateway", settings.otlp_endpoint, settings.log_format, settings.log_level)
    try:
        gateway = build(settings)
        listener = _listen(settings)
        stop_metrics = _serve_metrics(settings)
    except (DocumentError, RoutingError, OSError) as wrong:
        give_up(str(wrong))
    _calm_collector()
    try:
        DrainingServer(configuration(gateway, settings)).run(sockets=[listener])
    finally:
        stop_metrics()
        telemetry.shut_down()


def read_settings() -> GatewaySettings:
    """From the environment; names each variable that is missing or wrong and exits."""
    try:
        return GatewaySettings()
    except ValidationError as wrong:
        give_up("; ".join(f"{_variable(error['loc'])}: {error['msg']}" for error in wrong.errors()))


def give_up(sentence: str) -> NoReturn:
    """Say why and exit with 2."""
    sys.stderr.write(f"gateway: {sentence}\n")
    raise SystemExit(2)


def _variable(loc: tuple[int | str, ...]) -> str:
    name = str(loc[0]) if loc else "settings"
    return name if name.isupper() else f"GATEWAY_{name.upper()}"


def _listen(settings: GatewaySettings) -> socket.socket:
    """Taken before anything is served, so that a port in use is told in a sentence."""
    try:
        return socket.create_server((settings.host, settings.port), backlog=_BACKLOG)
    except OSError as wrong:
        raise OSError(
            f"can't listen on {settings.host}:{settings.port} ({wrong.strerror}); "
            "set GATEWAY_PORT or GATEWAY_HOST to something free."
        ) from wrong


def _serve_metrics(settings: GatewaySettings) -> Callable[[], None]:
    if settings.metrics_port:
        return metrics.serve(settings.host, settings.metrics_port)
    return lambda: None


def _calm_collector() -> None:
    """What exists now stays: look through what requests leave behind only, and not so often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GARBAGE_OF_A_FEW_HUNDRED_REQUESTS)


def configuration(gateway: Gateway, settings: GatewaySettings) -> uvicorn.Config:
    """How it is served: HTTP/1.1 with limits, no access log but our own, a bounded stop."""
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    LimitedProtocol.max_head_bytes = settings.max_header_bytes
    return uvicorn.Config(
        gateway,
        loop="uvloop",
        http=LimitedProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=int(settings.stop_deadline.total_seconds()),
    )
