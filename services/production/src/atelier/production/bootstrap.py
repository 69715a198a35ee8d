"""The one place that puts production together."""

from __future__ import annotations

from atelier.contracts.looks import LookState
from atelier.contracts.shootings import ShootingState
from atelier.contracts.shots import ShotState
from atelier.production import consumers, policy
from atelier.production.deliverables.routes import router as deliverables
from atelier.production.generations.adapters import RandomSeeds
from atelier.production.generations.routes import of_looks as generations_of_looks
from atelier.production.generations.routes import of_shots as generations_of_shots
from atelier.production.looks.models import Look
from atelier.production.looks.repository import WITH_OUTFIT
from atelier.production.looks.routes import of_shootings as looks_of_shootings
from atelier.production.looks.routes import router as looks
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
        routers=[
            generations_of_looks,
            looks,  # before shootings: `looks` is no id of one
            shootings,
            looks_of_shootings,
            generations_of_shots,
            shots,
            shots_of_products,
            deliverables,
        ],
        kinds=[
            OwnedKind(ShootingState, Shooting, lambda who: policy.visible_to(who, Shooting)),
            OwnedKind(LookState, Look, lambda who: policy.visible_to(who, Look), [WITH_OUTFIT]),
            OwnedKind(ShotState, Shot, lambda who: policy.visible_to(who, Shot), [WITH_REVISIONS]),
        ],
        replicas=consumers.REPLICAS,
        facts=consumers.facts(settings.release_again_after),
        jobs=consumers.JOBS,
        provide={"cdn": settings.cdn, "seeds": RandomSeeds()},
    )
