"""The one place that puts catalog together."""

from __future__ import annotations

from atelier.catalog import consumers, policy
from atelier.catalog.resolution_presets.models import ResolutionPreset
from atelier.catalog.resolution_presets.routes import router as resolution_presets
from atelier.catalog.settings import Settings
from atelier.contracts.resolution_presets import ResolutionPresetState
from atelier.runtime.http.internal import OwnedKind
from atelier.runtime.service import Declaration


def declare(settings: Settings) -> Declaration:
    """Catalog, as the runtime runs it."""
    return Declaration(
        settings=settings,
        routers=[resolution_presets],
        kinds=[
            OwnedKind(
                ResolutionPresetState, ResolutionPreset, lambda who: policy.visible_to(who, ResolutionPreset)
            ),
        ],
        replicas=consumers.REPLICAS,
        facts=consumers.facts(settings.release_again_after),
        jobs=consumers.JOBS,
    )
