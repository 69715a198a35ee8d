"""Rows of converted pictures, kept so that nothing is converted twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, Text
from sqlalchemy.orm import Mapped, mapped_column

from atelier.runtime.database import Row


class Rendition(Row, kw_only=True):
    """A converted picture in the bucket; `size` in bytes, `crc32` of the stored bytes.

    `digest` is made of everything that shaped it: the original's content, format, options, metadata.
    """

    __tablename__ = "renditions"

    digest: Mapped[str] = mapped_column(Text, primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    size: Mapped[int] = mapped_column(BigInteger)
    crc32: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
