"""One process of a service from start to stop, in the order in which nothing is lost.

Start: HTTP first, consumers join beside it. Stop: not ready, HTTP drained, consumers finish and
commit, jobs give their leases back, the relay sends what is left, connections close.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from typing import Any

import structlog
import uvicorn
from sqlalchemy.exc import ProgrammingError

from atelier.runtime import housekeeping, telemetry
from atelier.runtime.away import is_away
from atelier.runtime.filling import ask_for_fill
from atelier.runtime.http.draining import DRAINED_WITHIN, DrainingServer
from atelier.runtime.service import FILL, Service

log = structlog.get_logger(__name__)
RETRY = 1.0
FLUSHED_WITHIN = 5.0


class _Server(DrainingServer):
    """Without uvicorn's signal handlers: this process stops its parts in its own order."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


async def run(service: Service) -> None:
    """Serve until SIGTERM or SIGINT; returns when everything in hand is done with."""
    settings = service.settings
    telemetry.configure(service.name, settings.otlp_endpoint, settings.log_format, settings.log_level)
    stopped = asyncio.create_task(_stop_signal().wait())
    server = _server(service)
    ending = [asyncio.create_task(server.serve())]  # health and metrics, whatever the roles
    endless: list[asyncio.Task[Any]] = []
    service.health.starting = True
    starting = asyncio.create_task(_start(service))
    await asyncio.wait([stopped, *ending, starting], return_when=asyncio.FIRST_COMPLETED)
    if starting.done() and not starting.exception():
        service.health.starting = False
        ending += [asyncio.create_task(work) for work in _ending(service)]
        endless += [asyncio.create_task(work) for work in _endless(service)]
        await asyncio.wait([stopped, *ending, *endless], return_when=asyncio.FIRST_COMPLETED)
    tasks = (starting, *ending, *endless)
    failed = next((task for task in tasks if task.done() and task.exception()), None)
    await _cancel([starting])
    await _stop(service, server, ending, endless)
    if failed is not None:
        failed.result()


async def _start(service: Service) -> None:
    """What must exist before the service is ready; waits for a database that is away or not migrated."""
    while True:
        try:
            await ask_for_fill(service.units, FILL, service.declaration.replicas)
            if service.declaration.on_start is not None:
                await service.declaration.on_start(service.units)
        except Exception as failure:
            if not (is_away(failure) or isinstance(failure, ProgrammingError)):
                raise
            log.warning("waiting for the database", error=str(failure).partition("\n")[0])
            await asyncio.sleep(RETRY)
        else:
            return


def _ending(service: Service) -> list[Coroutine[Any, Any, Any]]:
    """What ends by itself once it is asked to, beside the server."""
    work: list[Coroutine[Any, Any, Any]] = []
    if service.relay is not None:
        work.append(service.relay.run())
    if "jobs" in service.settings.roles:
        work.append(service.worker.run())
    return work


def _endless(service: Service) -> list[Coroutine[Any, Any, Any]]:
    """What is cancelled at the stop; it holds nothing that could be lost."""
    work: list[Coroutine[Any, Any, Any]] = []
    if "consumers" in service.settings.roles and service.groups:
        work.append(_consume(service))
    if "jobs" in service.settings.roles:
        work.append(housekeeping.sweep_forever(service.sessions))
    return work


async def _consume(service: Service) -> None:
    await service.subscriptions.run()
    log.info("consumers joined", groups=[group.name for group in service.groups])
    await asyncio.Event().wait()


async def _stop(
    service: Service, server: _Server, ending: list[asyncio.Task[Any]], endless: list[asyncio.Task[Any]]
) -> None:
    service.health.stopping = True
    server.should_exit = True
    await asyncio.wait(ending[:1], timeout=DRAINED_WITHIN + service.settings.stop_deadline.total_seconds())
    await _cancel(endless)
    await service.subscriptions.stop()
    await service.worker.stop()
    if service.relay is not None:
        await service.relay.stop()
    await asyncio.wait(ending, timeout=FLUSHED_WITHIN)
    await _cancel(ending)
    await service.close()
    telemetry.shut_down()


async def _cancel(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _server(service: Service) -> _Server:
    settings = service.settings
    config = uvicorn.Config(
        service.app,
        host=settings.host,
        port=settings.port,
        loop="none",
        http="httptools",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=int(settings.stop_deadline.total_seconds()),
    )
    return _Server(config)


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
