"""The one place that puts production together."""

from __future__ import annotations

from atelier.contracts.shootings import ShootingState
from atelier.contracts.shots import ShotState
from atelier.production import consumers, policy
from atelier.production.settings import Settings
from atelier.production.shootings.models import Shooting
from atelier.production.shootings.routes import router as shootings
from atelier.production.shots.models import Shot
from atelier.production.shots.repository import WITH_REVISIONS
from atelier.production.shots.routes import of_products as shots_of_products
from atelier.production.shots.routes import router as shots
from atelier.runtime.http.internal import OwnedKind
from atelier.runtime.service import Declaration


def declare(settings: Settings) -> Declaration:
    """Production, as the runtime runs it."""
    return Declaration(
        settings=settings,
        routers=[shootings, shots, shots_of_products],
        kinds=[
            OwnedKind(ShootingState, Shooting, lambda who: policy.visible_to(who, Shooting)),
            OwnedKind(ShotState, Shot, lambda who: policy.visible_to(who, Shot), [WITH_REVISIONS]),
        ],
        replicas=consumers.REPLICAS,
        facts=consumers.facts(settings.release_again_after),
        jobs=consumers.JOBS,
        provide={"cdn": settings.cdn},
    )
