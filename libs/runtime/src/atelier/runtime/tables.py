"""The runtime's own rows in every service's database; its migrations are a branch of their own."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from atelier.runtime.database import NAMING


class RuntimeRow(DeclarativeBase):
    """Base of the rows below; their schema is the same in every service."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's way to declare it
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
        bytes: LargeBinary,
        str: Text,
    }


class OutboxRow(RuntimeRow):
    """An event that the broker hasn't acknowledged yet; deleted once it has."""

    __tablename__ = "outbox"
    __table_args__ = (UniqueConstraint("aggregate_id", "version"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    aggregate_id: Mapped[UUID]
    version: Mapped[int] = mapped_column(BigInteger)
    topic: Mapped[str]
    headers: Mapped[dict[str, Any]]
    body: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class InboxRow(RuntimeRow):
    """A fact that a consumer has handled, so that a repetition has no effect."""

    __tablename__ = "inbox"

    consumer: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    handled_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)


class ReplicaRow(RuntimeRow):
    """Another service's aggregate as it was last told: for showing and filtering."""

    __tablename__ = "replicas"
    __table_args__ = (
        Index("ix_replicas_organization", "kind", "organization_id"),
        Index("ix_replicas_owner", "kind", "owner_id"),
    )

    kind: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    owner_id: Mapped[UUID | None]
    organization_id: Mapped[UUID | None]
    public: Mapped[bool]
    deleted: Mapped[bool]
    state: Mapped[dict[str, Any]]


class DeadLetterRow(RuntimeRow):
    """A record that a consumer group couldn't handle, as it came, and why.

    `parked` ones are fine themselves and wait behind a letter of the same aggregate. A letter is
    closed by a redrive, never deleted while its topic may deliver it again.
    """

    __tablename__ = "dead_letters"
    __table_args__ = (
        UniqueConstraint("consumer", "topic", "partition", "record_offset"),
        Index(
            "ix_dead_letters_open",
            "consumer",
            "aggregate_id",
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_dead_letters_event", "consumer", "event_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    consumer: Mapped[str]
    topic: Mapped[str]
    partition: Mapped[int]
    record_offset: Mapped[int] = mapped_column(BigInteger)
    record_key: Mapped[bytes | None]
    headers: Mapped[list[Any]]
    """Pairs of name and base64 of the value (null for a null value): values may be any bytes."""
    body: Mapped[bytes | None]
    reason: Mapped[str]
    detail: Mapped[str]
    parked: Mapped[bool]
    event_id: Mapped[UUID | None]
    event_type: Mapped[str | None]
    aggregate_id: Mapped[UUID | None]
    version: Mapped[int | None] = mapped_column(BigInteger)
    traceparent: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    closed_at: Mapped[datetime | None]


class JobRow(RuntimeRow):
    """Work that outlives a request or a record. `(kind, key)` makes asking for it repeatable.

    A worker leases it by raising `lease_epoch`; every later write names the epoch, so a worker
    that was thought dead can't write over its successor.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("kind", "key"),
        Index("ix_jobs_due", "run_at", postgresql_where=text("finished_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str]
    key: Mapped[str]
    payload: Mapped[dict[str, Any]]
    traceparent: Mapped[str | None]
    run_at: Mapped[datetime] = mapped_column(server_default=func.now())
    leased_until: Mapped[datetime | None]
    lease_epoch: Mapped[int] = mapped_column(server_default=text("0"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    last_error: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]


class IdempotencyRow(RuntimeRow):
    """The first answer to a POST with an `Idempotency-Key`, kept with the effect it answers."""

    __tablename__ = "idempotency_keys"

    principal_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes]
    status: Mapped[int]
    body: Mapped[bytes]
    etag: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
