"""Columns that rows of several modules have.

Pictures and the small parts of an aggregate are JSON beside it: they are only ever read and
written with it, under the lock of its row, and its events carry them as they are stored.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

Picture = dict[str, Any]
"""A `StoredMedia` as JSON."""

LIVING = text("deleted_at IS NULL")


def json_or_null() -> Mapped[Any]:
    """A JSON column in which nothing is SQL's NULL, not JSON's."""
    return mapped_column(JSONB(none_as_null=True), default=None)


def json_list() -> Mapped[Any]:
    """A JSON column that holds a list; empty where nothing is in it, never NULL."""
    return mapped_column(JSONB, default_factory=list)
