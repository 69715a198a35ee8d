"""HTTP to use case, for ingest. Other services ask; clients never do."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from atelier.media.dependencies import CurrentUnits, InternalPrincipal
from atelier.media.ingest import use_cases
from atelier.media.ingest.schemas import IngestBody, Ingested
from atelier.media.ingest.use_cases import Intake
from atelier.runtime.http.route import UnitOfWorkRoute, Uow

internal_router = APIRouter(prefix="/internal/ingest", include_in_schema=False, route_class=UnitOfWorkRoute)


def _intake(request: Request) -> Intake:
    intake: Intake = request.app.state.intake
    return intake


@internal_router.post("")
async def ingest(
    body: IngestBody,
    uow: Uow,
    units: CurrentUnits,
    intake: Annotated[Intake, Depends(_intake)],
    principal: InternalPrincipal,
) -> Ingested:
    """Take files in for a tenant, with the attachments that are meant."""
    return Ingested(data=await use_cases.ingest(uow, units, intake, principal, body))
