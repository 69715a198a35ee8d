"""Rows of shot types."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from atelier.catalog.columns import LIVING, Picture, json_or_null
from atelier.contracts.shot_types import ShotTypeState
from atelier.runtime.database import Row


class ShotType(Row, kw_only=True):
    """A view of a product. Not an `Entity`: the standard ones have no owner. Deleted ones keep their row."""

    __tablename__ = "shot_types"
    __table_args__ = (
        Index("ix_shot_types_organization", "organization_id", "created_at", "id", postgresql_where=LIVING),
        Index("ix_shot_types_owner", "owner_id", "created_at", "id", postgresql_where=LIVING),
        Index(
            "ix_shot_types_public", "created_at", "id", postgresql_where=text("public AND deleted_at IS NULL")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), default=None)
    owner_id: Mapped[UUID | None] = mapped_column(default=None)
    organization_id: Mapped[UUID | None] = mapped_column(default=None)
    public: Mapped[bool] = mapped_column(default=True)
    name: Mapped[str] = mapped_column(Text)
    view_angle: Mapped[str] = mapped_column(Text)
    framing: Mapped[str] = mapped_column(Text)
    shot_type_prompt_instruction: Mapped[str | None] = mapped_column(Text, default=None)
    file_naming_convention: Mapped[str | None] = mapped_column(Text, default=None)
    reference_image: Mapped[Picture | None] = json_or_null()
    prompt: Mapped[str | None] = mapped_column(Text, default=None)
    prompt_builder_section: Mapped[str | None] = mapped_column(Text, default=None)
    core_focus: Mapped[bool] = mapped_column(default=False)
    default_shot_type: Mapped[str | None] = mapped_column(Text, default=None)
    margins: Mapped[str | None] = mapped_column(Text, default=None)

    def state(self) -> ShotTypeState:
        """The row as its events carry it."""
        return ShotTypeState.model_validate(self)
