"""Rows of media resources."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Float, Index, Integer, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from atelier.contracts.media import MediaResourceState
from atelier.runtime.database import Row
from atelier.runtime.entities import Entity


class MediaResource(Entity, Row, kw_only=True):
    """A stored file. Deleted ones leave no row.

    `stored_for` is the tenant that it was stored for, an organization's id or an owner's, and never
    changes: what an organization leaves to its last owner can't collide with what they have already.
    `unattached_since` is kept without a new version or event, and no part of the state.
    """

    __tablename__ = "media_resources"
    __table_args__ = (
        UniqueConstraint("stored_for", "sha256", "file_size", name="uq_media_resources_content"),
        Index("ix_media_resources_content", "sha256", "file_size"),
        Index(
            "ix_media_resources_unattached",
            "unattached_since",
            postgresql_where=text("unattached_since IS NOT NULL AND NOT protected"),
        ),
        Index("ix_media_resources_organization", "organization_id"),
    )

    stored_for: Mapped[UUID]
    resource_type: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    content_type: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    crc32: Mapped[int] = mapped_column(BigInteger)
    extension: Mapped[str] = mapped_column(Text)
    file_size: Mapped[int] = mapped_column(BigInteger)
    width: Mapped[int | None] = mapped_column(Integer, default=None)
    height: Mapped[int | None] = mapped_column(Integer, default=None)
    aspect_ratio: Mapped[float | None] = mapped_column(Float, default=None)
    orientation: Mapped[str | None] = mapped_column(Text, default=None)
    dominant_color: Mapped[str | None] = mapped_column(Text, default=None)
    color_profile: Mapped[str | None] = mapped_column(Text, default=None)
    duration: Mapped[float | None] = mapped_column(Float, default=None)
    protected: Mapped[bool] = mapped_column(default=False)
    alt_text: Mapped[str | None] = mapped_column(Text, default=None)
    caption: Mapped[str | None] = mapped_column(Text, default=None)
    unattached_since: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), default=None)

    def state(self) -> MediaResourceState:
        """The row as its events carry it."""
        return MediaResourceState.model_validate(self)
