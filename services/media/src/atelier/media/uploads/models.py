"""Rows of temporary uploads."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Text
from sqlalchemy.orm import Mapped, mapped_column

from atelier.media.formats import UPLOADABLE, Format
from atelier.runtime.auth import Principal
from atelier.runtime.database import Row


class TemporaryUpload(Row, kw_only=True):
    """A place that somebody asked for to put bytes at: only they can have them taken in.

    `user_id` or `service` is who asked. `file_size` in bytes is None where it wasn't announced;
    `resource_id` is what became of the bytes, once they were taken in.
    """

    __tablename__ = "temporary_uploads"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    user_id: Mapped[UUID | None]
    service: Mapped[str | None] = mapped_column(Text)
    folder: Mapped[str] = mapped_column(Text)
    content_type: Mapped[str] = mapped_column(Text)
    file_size: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    resource_id: Mapped[UUID | None] = mapped_column(default=None)

    @property
    def format(self) -> Format:
        """What was announced."""
        return UPLOADABLE[self.content_type]

    def was_asked_for_by(self, principal: Principal) -> bool:
        """Whether this is the one who may use it."""
        return (self.user_id, self.service) == (principal.user_id, principal.service)
