"""The one place that puts media together."""

from __future__ import annotations

from collections.abc import Mapping

from atelier.contracts.media import MediaResourceState
from atelier.media import consumers, policy
from atelier.media.attachments import sweeping
from atelier.media.attachments.sweeping import Sweep
from atelier.media.files.routes import router as files
from atelier.media.files.use_cases import Converter
from atelier.media.ingest.gathering import Gatherer
from atelier.media.ingest.routes import internal_router as ingest
from atelier.media.ingest.sources import Reader
from atelier.media.ingest.use_cases import Intake
from atelier.media.pictures.inspecting import Limits
from atelier.media.remote.fetching import Fetcher
from atelier.media.resources.models import MediaResource
from atelier.media.settings import Settings
from atelier.media.uploads.routes import internal_router as internal_uploads
from atelier.media.uploads.routes import router as uploads
from atelier.runtime.http.internal import OwnedKind
from atelier.runtime.jobs import JobHandler
from atelier.runtime.processes import LimitedProcesses
from atelier.runtime.service import Declaration, Service
from atelier.runtime.storage import Storage


def declare(settings: Settings) -> Declaration:
    """Media, as the runtime runs it."""
    storage = Storage(settings)
    inspecting, converting = _processes(settings)
    limits = Limits(settings.max_pixels, settings.max_frames)
    gatherer = Gatherer(storage, _fetcher(settings), inspecting, settings.max_file_bytes, limits)

    def jobs_of(service: Service) -> Mapping[str, JobHandler]:
        sweep = Sweep(service.client, settings.unattached_for, settings.sweep_every)
        return consumers.jobs(storage, sweep)

    return Declaration(
        settings=settings,
        routers=[uploads, files, internal_uploads, ingest],
        kinds=[
            OwnedKind(MediaResourceState, MediaResource, lambda who: policy.visible_to(who, MediaResource)),
        ],
        replicas=consumers.REPLICAS,
        facts=consumers.facts(settings.release_again_after),
        jobs_of=jobs_of,
        storage=storage,
        provide={
            "settings": settings,
            "intake": Intake(settings, _reader(settings), gatherer),
            "converter": Converter(storage, converting, limits, settings.unnamed_after),
        },
        on_start=sweeping.schedule,
        closing=[inspecting.close, converting.close],
    )


def _processes(settings: Settings) -> tuple[LimitedProcesses, LimitedProcesses]:
    """Those that look at what comes in, and those that convert: neither waits for the other."""
    return (
        LimitedProcesses(
            workers=settings.inspection_workers,
            memory_bytes=settings.inspection_memory_bytes,
            timeout=settings.inspection_within.total_seconds(),
        ),
        LimitedProcesses(
            workers=settings.inspection_workers,
            memory_bytes=settings.conversion_memory_bytes,
            timeout=settings.conversion_within.total_seconds(),
        ),
    )


def _fetcher(settings: Settings) -> Fetcher:
    return Fetcher(
        within=settings.fetch_within.total_seconds(),
        limit=settings.max_file_bytes,
        trusted=settings.fetch_also_from,
    )


def _reader(settings: Settings) -> Reader:
    """Knows the bucket by its public URL and, as presigned URLs name it, by its endpoints."""
    endpoints = (settings.s3_public_endpoint_url, settings.s3_endpoint_url)
    bases = [f"{url.rstrip('/')}/{settings.s3_bucket}" for url in endpoints if url]
    return Reader((settings.cdn_url, *bases), settings.max_inline_bytes)
