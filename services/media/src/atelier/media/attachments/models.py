"""Rows of attachments."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from atelier.runtime.database import Row


class Attachment(Row, kw_only=True):
    """A use of a resource by an entity of an aggregate, in a slot.

    `kind` is the `State.kind` of the aggregate. `confirmed` once an event or its owner said so;
    until then it is what a request meant to do, which may have failed after ingest.
    """

    __tablename__ = "media_attachments"
    __table_args__ = (
        UniqueConstraint(
            "resource_id", "kind", "aggregate_id", "entity_type", "entity_id", "slot", "position",
            name="uq_media_attachments_use",
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_media_attachments_aggregate", "kind", "aggregate_id"),
        Index("ix_media_attachments_unconfirmed", "created_at", postgresql_where=text("NOT confirmed")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    resource_id: Mapped[UUID] = mapped_column(ForeignKey("media_resources.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(Text)
    aggregate_id: Mapped[UUID]
    entity_type: Mapped[str] = mapped_column(Text)
    entity_id: Mapped[UUID]
    slot: Mapped[str] = mapped_column(Text)
    position: Mapped[int | None] = mapped_column(Integer)
    confirmed: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Holder(Row, kw_only=True):
    """An aggregate that uses a resource, once did or may: who is asked before its bytes go."""

    __tablename__ = "media_holders"
    __table_args__ = (Index("ix_media_holders_aggregate", "kind", "aggregate_id"),)

    resource_id: Mapped[UUID] = mapped_column(
        ForeignKey("media_resources.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    aggregate_id: Mapped[UUID] = mapped_column(primary_key=True)
