"""Bodies and answers of the export tasks' operations."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from atelier.contracts.enums import ExportTaskType, TaskStatus
from atelier.contracts.public.model import PublicEntity
from atelier.contracts.public.product_filters import ProductFilters
from atelier.contracts.types import UtcDatetime
from atelier.export.tasks.models import ExportTask
from atelier.runtime.http.bodies import RequestBody

MOST_PRODUCTS = 1000


class ExportApprovedShotsRequest(RequestBody):
    """Which approved shots: of these products, or of one look; of the given shooting only."""

    product_ids: Annotated[list[UUID], Field(max_length=MOST_PRODUCTS)] | None = None
    product_filters: ProductFilters | None = None
    shooting_id: UUID | None = None
    shooting_look_id: UUID | None = None


class ExportTaskPublic(PublicEntity):
    """An export; `progress` in percent, 100 only when it is complete. `download_url` from then on."""

    owner_id: UUID
    task_type: ExportTaskType
    status: TaskStatus
    progress: int
    total_items: int
    processed_items: int
    download_url: str | None = None
    error_message: str | None = None
    started_at: UtcDatetime | None = None
    completed_at: UtcDatetime | None = None
    expires_at: UtcDatetime | None = None

    @classmethod
    def of(cls, task: ExportTask) -> Self:
        """The task as its owner sees it."""
        complete = task.status == TaskStatus.COMPLETED
        return cls(
            id=task.id,
            created_at=task.created_at,
            updated_at=task.updated_at,
            owner_id=task.owner_id,
            task_type=ExportTaskType(task.task_type),
            status=TaskStatus(task.status),
            progress=task.progress,
            total_items=task.total_items,
            processed_items=task.processed_items,
            download_url=f"/api/v1/products/export-tasks/{task.id}/download" if complete else None,
            error_message=task.error_message,
            started_at=task.started_at,
            completed_at=task.completed_at,
            expires_at=task.expires_at,
        )


class ExportTasksPublic(BaseModel):
    """A page of export tasks; `count` is of all that match."""

    data: list[ExportTaskPublic]
    count: int
