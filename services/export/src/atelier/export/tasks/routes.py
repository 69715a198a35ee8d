"""HTTP to use case, for export tasks."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response
from fastapi.responses import RedirectResponse

from atelier.contracts.enums import TaskStatus
from atelier.export.dependencies import CurrentDelivery, CurrentSettings
from atelier.export.redirects import REDIRECT, redirect
from atelier.export.tasks import use_cases
from atelier.export.tasks.schemas import ExportApprovedShotsRequest, ExportTaskPublic, ExportTasksPublic
from atelier.runtime.http import access
from atelier.runtime.http.app import api_router
from atelier.runtime.http.dependencies import CurrentReferences, CurrentStorage
from atelier.runtime.http.pages import Page, page_of
from atelier.runtime.http.route import CurrentPrincipal, Uow
from atelier.runtime.http.scope import OrganizationQuery
from atelier.runtime.http.versions import IfMatch, tag

router = api_router("/products", "exports")


@router.post("/export-approved-shots/async", status_code=202, openapi_extra=access.MEMBERS_CREATE)
async def export_approved_shots(
    body: ExportApprovedShotsRequest,
    uow: Uow,
    references: CurrentReferences,
    principal: CurrentPrincipal,
    delivery: CurrentDelivery,
    response: Response,
    organization_id: OrganizationQuery = None,
) -> ExportTaskPublic:
    """Ask for an archive of approved shots; it is made in the background."""
    task = await use_cases.request(uow, references, principal, organization_id, delivery, body)
    tag(response, task)
    return ExportTaskPublic.of(task)


@router.get("/export-tasks", openapi_extra=access.ANY_LOGIN)
async def list_export_tasks(
    uow: Uow,
    principal: CurrentPrincipal,
    page: Annotated[Page, Depends(page_of(10))],
    status: Annotated[TaskStatus | None, Query()] = None,
) -> ExportTasksPublic:
    """List one's own exports, newest first."""
    tasks, count = await use_cases.list_(uow, principal, status, page)
    return ExportTasksPublic(data=[ExportTaskPublic.of(task) for task in tasks], count=count)


@router.get("/export-tasks/{task_id}", openapi_extra=access.CREATOR_ONLY)
async def read_export_task(
    task_id: UUID, uow: Uow, principal: CurrentPrincipal, response: Response
) -> ExportTaskPublic:
    """Read how far an export is."""
    task = await use_cases.read(uow, principal, task_id)
    tag(response, task)
    return ExportTaskPublic.of(task)


@router.delete("/export-tasks/{task_id}", openapi_extra=access.CREATOR_ONLY)
async def cancel_export_task(
    task_id: UUID,
    uow: Uow,
    principal: CurrentPrincipal,
    settings: CurrentSettings,
    expected: IfMatch,
    response: Response,
) -> ExportTaskPublic:
    """Cancel an export that hasn't ended."""
    task = await use_cases.cancel(uow, principal, task_id, expected, settings.tasks_kept)
    tag(response, task)
    return ExportTaskPublic.of(task)


@router.delete("/export-tasks/{task_id}/dismiss", status_code=204, openapi_extra=access.CREATOR_ONLY)
async def dismiss_export_task(
    task_id: UUID, uow: Uow, principal: CurrentPrincipal, expected: IfMatch
) -> None:
    """Remove an export that has ended, and its archive."""
    await use_cases.dismiss(uow, principal, task_id, expected)


@router.get("/export-tasks/{task_id}/download", openapi_extra=access.CREATOR_ONLY, **REDIRECT)
async def download_export_task(
    task_id: UUID, uow: Uow, principal: CurrentPrincipal, storage: CurrentStorage
) -> RedirectResponse:
    """Download the archive; the task is gone from then on, the file an hour later."""
    url = await use_cases.hand_over(uow, storage, principal, task_id)
    await uow.commit()  # the runtime commits no GET, and this one has an effect
    return redirect(url)
