"""Rows of resolution presets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, DateTime, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from atelier.contracts.resolution_presets import ResolutionPresetState
from atelier.runtime.database import Row
from atelier.runtime.entities import Entity

LIVING = text("deleted_at IS NULL")


class ResolutionPreset(Entity, Row, kw_only=True):
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

    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), default=None)
    name: Mapped[str] = mapped_column(Text)
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)

    def state(self) -> ResolutionPresetState:
        """The row as its events carry it."""
        return ResolutionPresetState.model_validate(self)
