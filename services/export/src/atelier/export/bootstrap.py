"""The one place that puts export together."""

from __future__ import annotations

from atelier.export import consumers
from atelier.export.settings import Settings
from atelier.runtime.service import Declaration


def declare(settings: Settings) -> Declaration:
    """Export, as the runtime runs it."""
    return Declaration(
        settings=settings,
        routers=[],
        kinds=[],
        replicas=consumers.REPLICAS,
        facts=consumers.facts(settings.release_again_after),
        jobs=consumers.JOBS,
    )
