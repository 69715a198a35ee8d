"""Rows of looks and of the outfits in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, Integer, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from atelier.contracts.enums import ShootingLookStatus
from atelier.contracts.looks import LookState, OutfitState
from atelier.production.progress import status_at
from atelier.runtime.database import Row
from atelier.runtime.entities import Entity


class Outfit(Row, kw_only=True):
    """What is worn beside a look's product: other products, pictures, an instruction.

    `outfit_product_ids` are ids as texts, `outfit_ref_images` states of stored media.
    """

    __tablename__ = "outfits"
    __table_args__ = (
        Index("ix_outfits_look", "look_id"),
        Index("ix_outfits_products", "outfit_product_ids", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    look_id: Mapped[UUID] = mapped_column(ForeignKey("looks.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    outfit_instruction: Mapped[str | None] = mapped_column(Text, default=None)
    outfit_product_ids: Mapped[list[str]] = mapped_column(JSONB, default_factory=list)
    outfit_ref_images: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default_factory=list)

    def state(self) -> OutfitState:
        """The row as the look's events carry it."""
        return OutfitState.model_validate(self)


class Look(Entity, Row, kw_only=True):
    """One product on one subject inside a shooting. Deleted ones leave no row.

    Owner and organization are those of the shooting. `pose_preset_ids` are ids as texts.
    `progress` and `shot_progress` are computed (see `production.progress`): how far the look is,
    and how far the least advanced of its shots, None without any. They are kept without a new
    version, event or `updated_at`, and are no part of the state.
    """

    __tablename__ = "looks"
    __table_args__ = (
        Index("ix_looks_shooting", "shooting_id", "created_at", "id"),
        Index("ix_looks_progress", "shooting_id", "progress"),
        Index("ix_looks_shot_progress", "shooting_id", "shot_progress"),
        Index("ix_looks_product", "product_id", "created_at", "id"),
        Index("ix_looks_organization", "organization_id", "created_at", "id"),
        Index(
            "ix_looks_personal",
            "owner_id",
            "created_at",
            "id",
            postgresql_where=text("organization_id IS NULL"),
        ),
    )

    shooting_id: Mapped[UUID] = mapped_column(ForeignKey("shootings.id"))
    product_id: Mapped[UUID]
    subject_id: Mapped[UUID]
    style_id: Mapped[UUID | None] = mapped_column(default=None)
    resolution_preset_id: Mapped[UUID | None] = mapped_column(default=None)
    width: Mapped[int | None] = mapped_column(Integer, default=None)
    height: Mapped[int | None] = mapped_column(Integer, default=None)
    background_preset_id: Mapped[UUID | None] = mapped_column(default=None)
    set_design_id: Mapped[UUID | None] = mapped_column(default=None)
    pose_preset_ids: Mapped[list[str]] = mapped_column(JSONB, default_factory=list)
    file_format: Mapped[str] = mapped_column(Text, default="JPG")
    instructions: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(Text, default=ShootingLookStatus.READY.value)
    progress: Mapped[int] = mapped_column(SmallInteger)
    shot_progress: Mapped[int | None] = mapped_column(SmallInteger, default=None)
    assignee_id: Mapped[UUID | None] = mapped_column(default=None)
    outfit_id: Mapped[UUID | None] = mapped_column(default=None)
    outfit: Mapped[Outfit | None] = relationship(
        primaryjoin=lambda: foreign(Look.outfit_id) == Outfit.id, viewonly=True, lazy="raise", default=None
    )
    """The chosen one; whoever needs it loads it with the look."""

    @property
    def shot_status(self) -> str | None:
        """The least advanced status of its shots."""
        return None if self.shot_progress is None else status_at(self.shot_progress)

    def state(self) -> LookState:
        """The row as its events carry it; the outfit has to be loaded."""
        return LookState.model_validate(self)
