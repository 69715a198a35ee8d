"""Rows of resolution presets."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from atelier.contracts.resolution_presets import ResolutionPresetState
from atelier.runtime.database import Row

LIVING = text("deleted_at IS NULL")


class ResolutionPreset(Row, kw_only=True):
    """A named picture size; width and height in pixels. Deleted ones keep their row."""

    __tablename__ = "resolution_presets"
    __table_args__ = (
        CheckConstraint("width > 0 AND height > 0", name="positive_size"),
        Index(
            "ix_resolution_presets_organization",
            "organization_id",
            "created_at",
            "id",
            postgresql_where=LIVING,
        ),
        Index("ix_resolution_presets_owner", "owner_id", "created_at", "id", postgresql_where=LIVING),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), default=None)
    owner_id: Mapped[UUID]
    organization_id: Mapped[UUID | None] = mapped_column(default=None)
    name: Mapped[str] = mapped_column(Text)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)

    def state(self) -> ResolutionPresetState:
        """The row as its events carry it."""
        return ResolutionPresetState.model_validate(self)
