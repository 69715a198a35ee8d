"""Rows of background presets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from atelier.catalog.columns import LIVING, json_list
from atelier.contracts.background_presets import BackgroundPresetState
from atelier.runtime.database import Row
from atelier.runtime.entities import Entity


class BackgroundPreset(Entity, Row, kw_only=True):
    """A named background; `framings` are `BackgroundFramingState`s. Deleted ones keep their row."""

    __tablename__ = "background_presets"
    __table_args__ = (
        Index(
            "ix_background_presets_organization",
            "organization_id",
            "created_at",
            "id",
            postgresql_where=LIVING,
        ),
        Index("ix_background_presets_owner", "owner_id", "created_at", "id", postgresql_where=LIVING),
    )

    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), default=None)
    name: Mapped[str] = mapped_column(Text)
    strategy: Mapped[str | None] = mapped_column(Text, default=None)
    framings: Mapped[list[dict[str, Any]]] = json_list()

    def state(self) -> BackgroundPresetState:
        """The row as its events carry it."""
        return BackgroundPresetState.model_validate(self)
