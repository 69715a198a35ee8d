"""Rows of API keys."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from atelier.runtime.database import Row

ApiKeyScope = Literal["read", "write"]


class ApiKey(Row, kw_only=True):
    """A key of a user, by its digest. It is never changed: another one is made and this deleted."""

    __tablename__ = "api_keys"
    __table_args__ = (
        UniqueConstraint("digest", name="uq_api_keys_digest"),
        Index("ix_api_keys_user", "user_id", "created_at"),
        Index("ix_api_keys_organization", "organization_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    organization_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("organizations.id", ondelete="CASCADE"), default=None
    )
    """The only organization that it is for; null for all that the user may do."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    name: Mapped[str] = mapped_column(Text)
    prefix: Mapped[str] = mapped_column(Text)
    """Its first characters, by which people know it; far too few to guess the rest."""
    digest: Mapped[bytes] = mapped_column(LargeBinary, repr=False)
    may_read: Mapped[bool]
    may_write: Mapped[bool]
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), default=None)
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), default=None)
    """Kept to the minute."""

    @property
    def scopes(self) -> list[ApiKeyScope]:
        """What it lets its holder do."""
        scopes: list[tuple[ApiKeyScope, bool]] = [("read", self.may_read), ("write", self.may_write)]
        return [scope for scope, has in scopes if has]
