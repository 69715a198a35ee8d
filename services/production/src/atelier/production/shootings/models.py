"""Rows of shootings."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from atelier.contracts.enums import ShootingStatus
from atelier.contracts.shootings import ShootingState
from atelier.runtime.database import Row
from atelier.runtime.entities import Entity


class Shooting(Entity, Row, kw_only=True):
    """A planned production. Deleted ones leave no row.

    `status` and `shot_status` are computed over looks and shots: kept without a new version,
    event or `updated_at`, and no part of the state.
    """

    __tablename__ = "shootings"
    __table_args__ = (
        Index("ix_shootings_organization", "organization_id", "created_at", "id"),
        Index(
            "ix_shootings_personal",
            "owner_id",
            "created_at",
            "id",
            postgresql_where=text("organization_id IS NULL"),
        ),
    )

    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text, default=None)
    due_date: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), default=None)
    archived: Mapped[bool] = mapped_column(default=False)
    season: Mapped[str | None] = mapped_column(Text, default=None)
    collection: Mapped[str | None] = mapped_column(Text, default=None)
    brand: Mapped[str | None] = mapped_column(Text, default=None)
    default_guidelines_id: Mapped[UUID | None] = mapped_column(default=None)
    status: Mapped[str] = mapped_column(Text, default=ShootingStatus.WITHOUT_STATUS.value)
    shot_status: Mapped[str | None] = mapped_column(Text, default=None)

    def state(self) -> ShootingState:
        """The row as its events carry it."""
        return ShootingState.model_validate(self)
