"""Rows of subjects."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from atelier.catalog.columns import LIVING, Picture, json_list, json_or_null
from atelier.contracts.subjects import SubjectState
from atelier.runtime.database import Row
from atelier.runtime.entities import Entity


class Subject(Entity, Row, kw_only=True):
    """A person of the pictures; `base_images` are `BaseImageState`s, `measurements` a `MeasurementsState`.

    `held_back` is set by a person; whether new looks may use it follows from that and the pictures.
    Deleted ones keep their row, and their slug is free again.
    """

    __tablename__ = "subjects"
    __table_args__ = (
        Index("ix_subjects_organization", "organization_id", "created_at", "id", postgresql_where=LIVING),
        Index("ix_subjects_owner", "owner_id", "created_at", "id", postgresql_where=LIVING),
        Index(
            "uq_subjects_organization_slug",
            "organization_id",
            "slug",
            unique=True,
            postgresql_where=text("organization_id IS NOT NULL AND deleted_at IS NULL"),
        ),
        Index(
            "uq_subjects_owner_slug",
            "owner_id",
            "slug",
            unique=True,
            postgresql_where=text("organization_id IS NULL AND deleted_at IS NULL"),
        ),
    )

    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), default=None)
    public: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str] = mapped_column(Text)
    surname: Mapped[str | None] = mapped_column(Text, default=None)
    slug: Mapped[str] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text, default=None)
    age_class: Mapped[str] = mapped_column(Text)
    gender: Mapped[str] = mapped_column(Text)
    subject_type: Mapped[str] = mapped_column(Text)
    body_type: Mapped[str | None] = mapped_column(Text, default=None)
    ethnicity: Mapped[str | None] = mapped_column(Text, default=None)
    positive_prompt: Mapped[str | None] = mapped_column(Text, default=None)
    negative_prompt: Mapped[str | None] = mapped_column(Text, default=None)
    enabled: Mapped[bool] = mapped_column(default=True)
    held_back: Mapped[bool] = mapped_column(default=False)
    lora_status: Mapped[str] = mapped_column(Text, default="none")
    lora_trigger: Mapped[str | None] = mapped_column(Text, default=None)
    local_model_path: Mapped[str | None] = mapped_column(Text, default=None)
    cover_image: Mapped[Picture | None] = json_or_null()
    portrait_image: Mapped[Picture | None] = json_or_null()
    data_images: Mapped[list[Picture]] = json_list()
    portfolio_images: Mapped[list[Picture]] = json_list()
    base_images: Mapped[list[dict[str, Any]]] = json_list()
    measurements: Mapped[dict[str, Any] | None] = json_or_null()

    @property
    def has_pictures(self) -> bool:
        """Whether it has what a look needs: a cover image and at least one base image."""
        return self.cover_image is not None and bool(self.base_images)

    @property
    def ready(self) -> bool:
        """Whether new looks may use it."""
        return self.has_pictures and not self.held_back

    def state(self) -> SubjectState:
        """The row as its events carry it."""
        return SubjectState.model_validate(self)
