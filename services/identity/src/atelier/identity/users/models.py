"""Rows of users."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from atelier.contracts.users import UserState
from atelier.runtime.database import Row


class User(Row, kw_only=True):
    """Somebody with a login. Nobody is deleted, only deactivated: what they made keeps its author."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    email: Mapped[str] = mapped_column(Text)
    full_name: Mapped[str | None] = mapped_column(Text, default=None)
    password_hash: Mapped[str] = mapped_column(Text, repr=False)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_superuser: Mapped[bool] = mapped_column(default=False)
    tokens_not_before: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), default=None)
    """Access tokens from before it are refused: the password was changed then, or the user deactivated."""

    @property
    def owner_id(self) -> UUID:
        """A user is their own."""
        return self.id

    def state(self) -> UserState:
        """The row as its events carry it, without the hash."""
        return UserState.model_validate(self)


Index("uq_users_email", func.lower(User.email), unique=True)
Index("ix_users_newest", User.created_at, User.id)
Index("ix_users_administrators", User.id, postgresql_where=text("is_superuser AND is_active"))
