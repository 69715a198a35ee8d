"""What export takes from other services: replicas, and facts to use cases, a table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from atelier.contracts.export_tasks import ExportUpdated
from atelier.contracts.model import Event, State
from atelier.contracts.organizations import OrganizationDeleted
from atelier.export.pictures.use_cases import Studio
from atelier.export.tasks import use_cases
from atelier.export.tasks.models import ExportTask
from atelier.export.tasks.work import Exporter
from atelier.runtime import releasing
from atelier.runtime.jobs import Job, JobHandler, RunAgain
from atelier.runtime.messaging.facts import FactHandler
from atelier.runtime.releasing import Releasable

REPLICAS: tuple[type[State], ...] = ()
SWEEP = "sweep-renditions"
SWEPT_EVERY = timedelta(hours=6)


def facts(release_again_after: timedelta) -> Mapping[type[Event[Any]], FactHandler]:
    """One handler for each fact that export acts on."""
    return {OrganizationDeleted: releasing.on_organization_deleted(release_again_after)}


def jobs(exporter: Exporter, renditions_kept: timedelta) -> Mapping[str, JobHandler]:
    """One handler for each kind of job."""
    return {
        use_cases.EXPORT: exporter.export,
        use_cases.EXPIRE: exporter.expire,
        use_cases.REMOVE: exporter.remove,
        SWEEP: _sweep(exporter.studio, renditions_kept),
        releasing.RELEASE: releasing.release_job([Releasable(ExportTask, ExportUpdated)]),
    }


def _sweep(studio: Studio, renditions_kept: timedelta) -> JobHandler:
    async def sweep(job: Job) -> None:
        await studio.sweep(job.begin, renditions_kept)
        raise RunAgain(SWEPT_EVERY)

    return sweep
