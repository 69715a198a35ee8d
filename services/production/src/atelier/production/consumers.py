"""What production takes from other services: replicas, and facts to use cases, a table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from atelier.contracts.model import Event, State
from atelier.contracts.organizations import OrganizationDeleted
from atelier.contracts.resolution_presets import ResolutionPresetState
from atelier.contracts.shootings import ShootingUpdated
from atelier.contracts.users import UserState
from atelier.production.shootings.models import Shooting
from atelier.runtime import releasing
from atelier.runtime.jobs import JobHandler
from atelier.runtime.messaging.facts import FactHandler
from atelier.runtime.releasing import Releasable

REPLICAS: tuple[type[State], ...] = (ResolutionPresetState, UserState)


def facts(release_again_after: timedelta) -> Mapping[type[Event[Any]], FactHandler]:
    """One handler for each fact that production acts on."""
    return {OrganizationDeleted: releasing.on_organization_deleted(release_again_after)}


JOBS: Mapping[str, JobHandler] = {
    releasing.RELEASE: releasing.release_job([Releasable(Shooting, ShootingUpdated)]),
}
