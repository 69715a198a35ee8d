"""The one place that puts export together."""

from __future__ import annotations

from atelier.contracts.export_tasks import ExportTaskState
from atelier.contracts.topics import TOPICS, Topics
from atelier.export import consumers, policy
from atelier.export.deliveries import Deliveries
from atelier.export.downloads.routes import router as downloads
from atelier.export.naming import DEFAULT_TEMPLATE
from atelier.export.pictures.use_cases import DEFAULT_ADAPTER, DEFAULT_FORMAT, Delivery, Studio
from atelier.export.settings import Settings
from atelier.export.tasks.models import ExportTask
from atelier.export.tasks.routes import router as tasks
from atelier.export.tasks.work import Exporter
from atelier.runtime.auth import InternalTokens
from atelier.runtime.http.internal import OwnedKind
from atelier.runtime.internal_client import InternalClient
from atelier.runtime.processes import LimitedProcesses
from atelier.runtime.request_context import Cause
from atelier.runtime.service import Declaration
from atelier.runtime.storage import Storage
from atelier.runtime.unit_of_work import UnitsOfWork


def declare(settings: Settings) -> Declaration:
    """Export, as the runtime runs it."""
    storage = Storage(settings)
    processes = LimitedProcesses(
        workers=settings.conversion_workers,
        memory_bytes=settings.conversion_memory_bytes,
        timeout=settings.conversion_timeout.total_seconds(),
    )
    tokens = InternalTokens(settings.internal_token_secret.get_secret_value(), settings.service)
    client = InternalClient(urls_of=settings.urls_of, tokens=tokens, topics=Topics(TOPICS))
    studio = Studio(storage, processes, at_once=2 * settings.conversion_workers)
    deliveries = Deliveries(client, settings.service)
    exporter = Exporter(storage, studio, deliveries, settings.tasks_kept)
    return Declaration(
        settings=settings,
        routers=[tasks, downloads],
        kinds=[OwnedKind(ExportTaskState, ExportTask, policy.visible_to)],
        replicas=consumers.REPLICAS,
        facts=consumers.facts(settings.release_again_after),
        jobs=consumers.jobs(exporter, settings.renditions_kept),
        storage=storage,
        provide={
            "settings": settings,
            "deliveries": deliveries,
            "studio": studio,
            "delivery": Delivery(DEFAULT_FORMAT, DEFAULT_ADAPTER, DEFAULT_TEMPLATE, settings.longest_side),
        },
        closing=[processes.close, client.close],
        on_start=_ask_for_sweeps,
    )


async def _ask_for_sweeps(units: UnitsOfWork) -> None:
    """One job, for ever; asking again is nothing."""
    async with units.begin(Cause(correlation_id="start")) as uow:
        uow.enqueue(consumers.SWEEP, "renditions", {})
        await uow.commit()
