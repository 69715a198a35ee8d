"""What production takes from other services: replicas, and facts to use cases, a table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from atelier.contracts.background_presets import BackgroundPresetState
from atelier.contracts.generations import GenerationCompleted
from atelier.contracts.model import Event, State
from atelier.contracts.organizations import OrganizationDeleted
from atelier.contracts.products import ProductState
from atelier.contracts.resolution_presets import ResolutionPresetState
from atelier.contracts.shootings import ShootingUpdated
from atelier.contracts.shot_types import ShotTypeState
from atelier.contracts.subjects import SubjectState
from atelier.contracts.users import UserState
from atelier.production.looks import use_cases as looks
from atelier.production.shootings.models import Shooting
from atelier.production.shots import use_cases as shots
from atelier.runtime import releasing
from atelier.runtime.jobs import JobHandler
from atelier.runtime.messaging.facts import FactHandler
from atelier.runtime.messaging.records import Fact
from atelier.runtime.releasing import Releasable
from atelier.runtime.unit_of_work import UnitOfWork

REPLICAS: tuple[type[State], ...] = (
    BackgroundPresetState,
    ProductState,
    ResolutionPresetState,
    ShotTypeState,
    SubjectState,
    UserState,
)


def facts(release_again_after: timedelta) -> Mapping[type[Event[Any]], FactHandler]:
    """One handler for each fact that production acts on."""
    return {
        GenerationCompleted: _propose,
        OrganizationDeleted: releasing.on_organization_deleted(release_again_after),
    }


async def _propose(uow: UnitOfWork, fact: Fact[GenerationCompleted]) -> None:
    """Pictures are there for a shot."""
    await shots.propose(uow, fact.event.state.request.shot_id)


SHOOTINGS = Releasable(Shooting, ShootingUpdated, children=looks.follow, batch=10)

JOBS: Mapping[str, JobHandler] = {releasing.RELEASE: releasing.release_job([SHOOTINGS])}
