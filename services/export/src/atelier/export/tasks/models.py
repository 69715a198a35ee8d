"""Rows of export tasks and of the pictures in them, and the one table of a task's steps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from atelier.contracts.enums import ExportTaskType, TaskStatus
from atelier.contracts.export_tasks import ExportTaskState
from atelier.runtime.database import Row
from atelier.runtime.entities import Entity
from atelier.runtime.errors import ConflictError

STEPS: Mapping[TaskStatus, frozenset[TaskStatus]] = {
    TaskStatus.PENDING: frozenset({TaskStatus.PROCESSING, TaskStatus.CANCELLED}),
    TaskStatus.PROCESSING: frozenset(
        {TaskStatus.RETRYING, TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED}
    ),
    TaskStatus.RETRYING: frozenset({TaskStatus.PROCESSING, TaskStatus.FAILED, TaskStatus.CANCELLED}),
    TaskStatus.COMPLETED: frozenset(),
    TaskStatus.FAILED: frozenset(),
    TaskStatus.CANCELLED: frozenset(),
}
"""What may follow on what. A status without a successor is an end."""


class ExportTask(Entity, Row, kw_only=True):
    """One archive in the making; downloaded, dismissed and expired ones leave no row.

    How pictures are delivered is settled when it is asked for, so that a resumed task goes on as
    it began. `retries` counts in a row, since something last moved.
    """

    __tablename__ = "export_tasks"
    __table_args__ = (
        Index("ix_export_tasks_owner", "owner_id", "created_at", "id"),
        Index("ix_export_tasks_organization", "organization_id", "id"),
    )

    task_type: Mapped[str] = mapped_column(Text, default=ExportTaskType.APPROVED_SHOTS.value)
    status: Mapped[str] = mapped_column(Text, default=TaskStatus.PENDING.value)
    product_ids: Mapped[list[str]] = mapped_column(JSONB, default_factory=list)
    shooting_id: Mapped[UUID | None] = mapped_column(default=None)
    look_id: Mapped[UUID | None] = mapped_column(default=None)
    image_format: Mapped[str] = mapped_column(Text)
    metadata_adapter: Mapped[str] = mapped_column(Text)
    naming_template: Mapped[str] = mapped_column(Text)
    longest_side: Mapped[int | None] = mapped_column(default=None)
    listed: Mapped[bool] = mapped_column(default=False)
    """Whether all of its items are there, so that a resumed task works on the same list."""
    total_items: Mapped[int] = mapped_column(default=0)
    processed_items: Mapped[int] = mapped_column(default=0)
    retries: Mapped[int] = mapped_column(default=0)
    error_message: Mapped[str | None] = mapped_column(Text, default=None)
    archive_key: Mapped[str | None] = mapped_column(Text, default=None)
    archive_size: Mapped[int | None] = mapped_column(BigInteger, default=None)
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), default=None)
    completed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), default=None)
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), default=None)

    @property
    def ended(self) -> bool:
        """Whether nothing can follow any more."""
        return not STEPS[TaskStatus(self.status)]

    @property
    def progress(self) -> int:
        """In percent of its pictures; 100 only for a completed one, whose archive is there."""
        if self.status == TaskStatus.COMPLETED:
            return 100
        return min(99, 100 * self.processed_items // max(1, self.total_items))

    def step(self, to: TaskStatus) -> None:
        """Go on to that status; raises `ConflictError` for a step that the table doesn't know."""
        allowed = STEPS[TaskStatus(self.status)]
        if to not in allowed:
            then = f"can become {', '.join(sorted(allowed))}" if allowed else "has ended"
            raise ConflictError(f"This export is {self.status} and {then}; it can't become {to.value}.")
        self.status = to.value

    def state(self) -> ExportTaskState:
        """The row as its events carry it."""
        return ExportTaskState.model_validate(self)


class ExportItem(Row, kw_only=True):
    """One picture of a task, as production told of it when the task began.

    `digest` names the converted picture, whether it was converted yet or not; `deliverable` holds
    what converting needs. `name` is unique inside the task, with its extension.
    """

    __tablename__ = "export_items"

    task_id: Mapped[UUID] = mapped_column(
        ForeignKey("export_tasks.id", ondelete="CASCADE", name="fk_export_items_task_id"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(Text)
    deliverable: Mapped[dict[str, Any]] = mapped_column(JSONB)
