"""Export tasks, as export owns them."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from atelier.contracts.enums import ExportTaskType, TaskStatus
from atelier.contracts.model import Event, Open, State
from atelier.contracts.types import UtcDatetime


class ExportTaskState(State):
    """One archive of approved pictures in the making. `total_items` is known once it has begun.

    What is exported: the approved shots of these products, of this look or of this shooting, in
    the organization or among the owner's personal ones. `archive_size` is in bytes.
    """

    kind: ClassVar[str] = "export-tasks"

    task_type: Open[ExportTaskType]
    status: Open[TaskStatus]
    product_ids: tuple[UUID, ...] = ()
    shooting_id: UUID | None = None
    look_id: UUID | None = None
    total_items: int = 0
    processed_items: int = 0
    error_message: str | None = None
    archive_size: int | None = None
    started_at: UtcDatetime | None = None
    completed_at: UtcDatetime | None = None
    expires_at: UtcDatetime | None = None


class ExportRequested(Event[ExportTaskState]):
    """Somebody asked for an archive."""


class ExportProgressed(Event[ExportTaskState]):
    """Some more pictures are in it; told now and then, not for each."""


class ExportUpdated(Event[ExportTaskState]):
    """Whose it is changed, with the end of its organization."""


class ExportCompleted(Event[ExportTaskState]):
    """The archive can be downloaded until it expires."""


class ExportFailed(Event[ExportTaskState]):
    """There will be no archive; `error_message` says why."""


class ExportCancelled(Event[ExportTaskState]):
    """Its owner stopped it; there is no archive."""


class ExportDeleted(Event[ExportTaskState]):
    """The task is gone: downloaded, dismissed or expired."""
