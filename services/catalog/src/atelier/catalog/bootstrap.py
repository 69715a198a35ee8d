"""The one place that puts catalog together."""

from __future__ import annotations

from atelier.catalog import consumers, policy
from atelier.catalog.background_presets.models import BackgroundPreset
from atelier.catalog.background_presets.routes import router as background_presets
from atelier.catalog.first_start import first_start
from atelier.catalog.products.models import Product
from atelier.catalog.products.routes import router as products
from atelier.catalog.resolution_presets.models import ResolutionPreset
from atelier.catalog.resolution_presets.routes import router as resolution_presets
from atelier.catalog.settings import Settings
from atelier.catalog.shot_types.models import ShotType
from atelier.catalog.shot_types.routes import router as shot_types
from atelier.catalog.subjects.models import Subject
from atelier.catalog.subjects.routes import router as subjects
from atelier.contracts.background_presets import BackgroundPresetState
from atelier.contracts.products import ProductState
from atelier.contracts.resolution_presets import ResolutionPresetState
from atelier.contracts.shot_types import ShotTypeState
from atelier.contracts.subjects import SubjectState
from atelier.runtime import authorization
from atelier.runtime.http.internal import OwnedKind
from atelier.runtime.service import Declaration


def declare(settings: Settings) -> Declaration:
    """Catalog, as the runtime runs it."""
    return Declaration(
        settings=settings,
        routers=[products, subjects, shot_types, background_presets, resolution_presets],
        kinds=[
            OwnedKind(ProductState, Product, lambda who: policy.visible_to(who, Product)),
            OwnedKind(SubjectState, Subject, lambda who: policy.visible_to(who, Subject)),
            OwnedKind(ShotTypeState, ShotType, lambda who: policy.visible_to(who, ShotType)),
            OwnedKind(
                BackgroundPresetState,
                BackgroundPreset,
                lambda who: authorization.visible_to(who, BackgroundPreset),
            ),
            OwnedKind(
                ResolutionPresetState,
                ResolutionPreset,
                lambda who: authorization.visible_to(who, ResolutionPreset),
            ),
        ],
        replicas=consumers.REPLICAS,
        facts=consumers.facts(settings.release_again_after),
        jobs=consumers.JOBS,
        provide={"cdn": settings.cdn},
        on_start=first_start,
    )
