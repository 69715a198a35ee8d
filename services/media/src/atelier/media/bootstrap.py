"""The one place that puts media together."""

from __future__ import annotations

from atelier.media import consumers
from atelier.media.settings import Settings
from atelier.runtime.service import Declaration


def declare(settings: Settings) -> Declaration:
    """Media, as the runtime runs it."""
    return Declaration(
        settings=settings,
        routers=[],
        kinds=[],
        replicas=consumers.REPLICAS,
        facts=consumers.facts(settings.release_again_after),
        jobs=consumers.JOBS,
    )
