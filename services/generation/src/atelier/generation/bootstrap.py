"""The one place that puts generation together."""

from __future__ import annotations

from atelier.generation import consumers
from atelier.generation.settings import Settings
from atelier.runtime.service import Declaration


def declare(settings: Settings) -> Declaration:
    """Generation, as the runtime runs it."""
    return Declaration(
        settings=settings,
        routers=[],
        kinds=[],
        replicas=consumers.REPLICAS,
        facts=consumers.facts(settings.release_again_after),
        jobs=consumers.JOBS,
    )
