"""Rows of counted attempts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import DateTime, Double, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from atelier.runtime.database import Row


class Attempt(Row, kw_only=True):
    """How many attempts there were lately, by account or by address."""

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_counted", "counted_at"),)

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    """`account:` and the SHA-256 of what was typed, so that nothing typed is kept, or `address:`."""
    load: Mapped[float] = mapped_column(Double)
    """Attempts that aren't forgiven, as of `counted_at`; it leaks away with time."""
    counted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    blocked_until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
