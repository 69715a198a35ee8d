"""What catalog takes from other services: facts to use cases, a table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from atelier.catalog.background_presets.models import BackgroundPreset
from atelier.catalog.products import use_cases as products
from atelier.catalog.products.models import Product
from atelier.catalog.resolution_presets.models import ResolutionPreset
from atelier.catalog.subjects import use_cases as subjects
from atelier.catalog.subjects.models import Subject
from atelier.contracts.background_presets import BackgroundPresetUpdated
from atelier.contracts.model import Event, State
from atelier.contracts.organizations import OrganizationDeleted
from atelier.contracts.products import ProductUpdated
from atelier.contracts.resolution_presets import ResolutionPresetUpdated
from atelier.contracts.shots import ShotCreated, ShotDeleted, ShotStatusChanged, ShotUpdated
from atelier.contracts.subjects import SubjectUpdated
from atelier.runtime import releasing
from atelier.runtime.jobs import JobHandler
from atelier.runtime.messaging.facts import FactHandler
from atelier.runtime.releasing import Releasable

REPLICAS: tuple[type[State], ...] = ()


def facts(release_again_after: timedelta) -> Mapping[type[Event[Any]], FactHandler]:
    """One handler for each fact that catalog acts on."""
    return {
        OrganizationDeleted: releasing.on_organization_deleted(release_again_after),
        ShotCreated: products.on_shot,
        ShotUpdated: products.on_shot,
        ShotStatusChanged: products.on_shot,
        ShotDeleted: products.on_shot,
    }


JOBS: Mapping[str, JobHandler] = {
    releasing.RELEASE: releasing.release_job(
        [
            Releasable(Product, ProductUpdated, children=products.stand_anew),
            Releasable(Subject, SubjectUpdated, children=subjects.free_slugs),
            Releasable(BackgroundPreset, BackgroundPresetUpdated),
            Releasable(ResolutionPreset, ResolutionPresetUpdated),
        ]
    ),
}
