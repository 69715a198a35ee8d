"""The one place that puts generation together."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import joinedload

from atelier.contracts.generations import GenerationState, PredictionState
from atelier.generation import consumers, policy
from atelier.generation.backends.registry import Backends
from atelier.generation.generations.models import Generation, Prediction
from atelier.generation.generations.repository import predictions_visible_to
from atelier.generation.generations.routes import router as generations
from atelier.generation.generations.use_cases import MAKE
from atelier.generation.predictions.making import Studio
from atelier.generation.predictions.workplace import Workplace
from atelier.generation.settings import Settings
from atelier.runtime.http.internal import OwnedKind
from atelier.runtime.jobs import JobHandler
from atelier.runtime.service import Declaration, Service
from atelier.runtime.storage import Storage
from atelier.runtime.unit_of_work import UnitsOfWork

KINDS = (
    OwnedKind(GenerationState, Generation, lambda who: policy.visible_to(who, Generation)),
    OwnedKind(
        PredictionState,
        Prediction,
        predictions_visible_to,
        options=(joinedload(Prediction.generation).raiseload(Generation.predictions),),
    ),
)


def declare(settings: Settings, backends: Backends | None = None) -> Declaration:
    """Generation, as the runtime runs it; tests bring backends of their own."""
    backends = backends or Backends.of(settings)
    storage, workplace = Storage(settings), Workplace(settings.work_folder)

    def jobs_of(service: Service) -> Mapping[str, JobHandler]:
        studio = Studio(
            backends=backends.by_tool,
            storage=storage,
            media=service.media_client,
            cdn=settings.cdn,
            workplace=workplace,
            longest_input_bytes=settings.longest_input_bytes,
            first_retry_after=settings.first_retry_after,
        )
        return {MAKE: studio.make}

    async def on_start(_: UnitsOfWork) -> None:
        await workplace.clear()

    return Declaration(
        settings=settings,
        routers=[generations],
        kinds=KINDS,
        replicas=consumers.REPLICAS,
        facts=consumers.facts(settings.release_again_after, backends.chosen.tool),
        jobs=consumers.JOBS,
        jobs_of=jobs_of,
        storage=storage,
        provide={"settings": settings},
        closing=[backends.close],
        on_start=on_start,
    )
