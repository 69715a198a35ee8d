"""The one place that puts production together."""

from __future__ import annotations

from atelier.contracts.shootings import ShootingState
from atelier.production import consumers, policy
from atelier.production.settings import Settings
from atelier.production.shootings.models import Shooting
from atelier.production.shootings.routes import router as shootings
from atelier.runtime.http.internal import OwnedKind
from atelier.runtime.service import Declaration


def declare(settings: Settings) -> Declaration:
    """Production, as the runtime runs it."""
    return Declaration(
        settings=settings,
        routers=[shootings],
        kinds=[OwnedKind(ShootingState, Shooting, lambda who: policy.visible_to(who, Shooting))],
        replicas=consumers.REPLICAS,
        facts=consumers.facts(settings.release_again_after),
        jobs=consumers.JOBS,
    )
