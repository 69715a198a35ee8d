"""Outbox, inbox, replicas, dead letters, jobs, idempotency keys."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "runtime_0001"
down_revision = None
branch_labels = ("runtime",)
depends_on = None

NOW = sa.text("now()")


def _time(name: str, *, nullable: bool = False, default: sa.TextClause | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=default)


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False)


def upgrade() -> None:
    """Create the runtime's tables."""
    op.create_table(
        "outbox",
        _id(),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("headers", JSONB(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        _time("created_at", default=NOW),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("aggregate_id", "version", name="uq_outbox_aggregate_id_version"),
    )
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        _time("handled_at", default=NOW),
        sa.PrimaryKeyConstraint("consumer", "event_id", name="pk_inbox"),
    )
    op.create_index("ix_inbox_handled_at", "inbox", ["handled_at"])
    op.create_table(
        "replicas",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.Uuid()),
        sa.Column("organization_id", sa.Uuid()),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("state", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_replicas"),
    )
    op.create_index("ix_replicas_organization", "replicas", ["kind", "organization_id"])
    op.create_index("ix_replicas_owner", "replicas", ["kind", "owner_id"])
    _create_dead_letters()
    _create_jobs()
    op.create_table(
        "idempotency_keys",
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("etag", sa.Text()),
        _time("created_at", default=NOW),
        sa.PrimaryKeyConstraint("principal_id", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])


def _create_dead_letters() -> None:
    op.create_table(
        "dead_letters",
        _id(),
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("record_offset", sa.BigInteger(), nullable=False),
        sa.Column("record_key", sa.LargeBinary()),
        sa.Column("headers", JSONB(), nullable=False),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("parked", sa.Boolean(), nullable=False),
        sa.Column("event_id", sa.Uuid()),
        sa.Column("event_type", sa.Text()),
        sa.Column("aggregate_id", sa.Uuid()),
        sa.Column("version", sa.BigInteger()),
        sa.Column("traceparent", sa.Text()),
        _time("created_at", default=NOW),
        _time("closed_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_dead_letters"),
        sa.UniqueConstraint(
            "consumer",
            "topic",
            "partition",
            "record_offset",
            name="uq_dead_letters_consumer_topic_partition_record_offset",
        ),
    )
    op.create_index(
        "ix_dead_letters_open",
        "dead_letters",
        ["consumer", "aggregate_id"],
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index("ix_dead_letters_event", "dead_letters", ["consumer", "event_id"])


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        _id(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payload", JSONB(), nullable=False),
        sa.Column("traceparent", sa.Text()),
        _time("run_at", default=NOW),
        _time("leased_until", nullable=True),
        sa.Column("lease_epoch", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("last_error", sa.Text()),
        _time("created_at", default=NOW),
        _time("finished_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("kind", "key", name="uq_jobs_kind_key"),
    )
    op.create_index("ix_jobs_due", "jobs", ["run_at"], postgresql_where=sa.text("finished_at IS NULL"))


def downgrade() -> None:
    """Drop the runtime's tables."""
    for table in ("idempotency_keys", "jobs", "dead_letters", "replicas", "inbox", "outbox"):
        op.drop_table(table)
