"""What the rows of all owned entities have in common."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime
from sqlalchemy.orm import Mapped, MappedAsDataclass, mapped_column


class Entity(MappedAsDataclass, kw_only=True):
    """Columns of an aggregate that somebody owns; `version` is counted by `UnitOfWork.emit`."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    owner_id: Mapped[UUID]
    organization_id: Mapped[UUID | None] = mapped_column(default=None)


def change(row: object, values: Mapping[str, Any]) -> bool:
    """Set what differs; False where nothing does, so that a change of nothing makes no version."""
    differing = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in differing.items():
        setattr(row, name, value)
    return bool(differing)
