"""Temporary uploads, resources, attachments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "media_0001"
down_revision = None
branch_labels = ("media",)
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _create_uploads()
    _create_resources()
    _create_attachments()


def downgrade() -> None:
    """Drop the tables."""
    for table in ("media_holders", "media_attachments", "media_resources", "temporary_uploads"):
        op.drop_table(table)


def _create_uploads() -> None:
    op.create_table(
        "temporary_uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid()),
        sa.Column("service", sa.Text()),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("file_size", sa.BigInteger()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resource_id", sa.Uuid()),
        sa.PrimaryKeyConstraint("id", name="pk_temporary_uploads"),
        sa.UniqueConstraint("key", name="uq_temporary_uploads_key"),
    )


def _create_resources() -> None:
    op.create_table(
        "media_resources",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid()),
        sa.Column("stored_for", sa.Uuid(), nullable=False),
        sa.Column("resource_type", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("crc32", sa.BigInteger(), nullable=False),
        sa.Column("extension", sa.Text(), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.Column("aspect_ratio", sa.Float()),
        sa.Column("orientation", sa.Text()),
        sa.Column("dominant_color", sa.Text()),
        sa.Column("color_profile", sa.Text()),
        sa.Column("duration", sa.Float()),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.Column("alt_text", sa.Text()),
        sa.Column("caption", sa.Text()),
        sa.Column("unattached_since", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_media_resources"),
        sa.UniqueConstraint("stored_for", "sha256", "file_size", name="uq_media_resources_content"),
    )
    op.create_index("ix_media_resources_content", "media_resources", ["sha256", "file_size"])
    op.create_index("ix_media_resources_organization", "media_resources", ["organization_id"])
    op.create_index(
        "ix_media_resources_unattached",
        "media_resources",
        ["unattached_since"],
        postgresql_where=sa.text("unattached_since IS NOT NULL AND NOT protected"),
    )


def _create_attachments() -> None:
    op.create_table(
        "media_attachments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("entity_type", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer()),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_media_attachments"),
        _of_resource("media_attachments"),
        sa.UniqueConstraint(
            "resource_id", "kind", "aggregate_id", "entity_type", "entity_id", "slot", "position",
            name="uq_media_attachments_use",
            postgresql_nulls_not_distinct=True,
        ),
    )  # fmt: skip
    op.create_index("ix_media_attachments_aggregate", "media_attachments", ["kind", "aggregate_id"])
    op.create_index(
        "ix_media_attachments_unconfirmed",
        "media_attachments",
        ["created_at"],
        postgresql_where=sa.text("NOT confirmed"),
    )
    op.create_table(
        "media_holders",
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("resource_id", "kind", "aggregate_id", name="pk_media_holders"),
        _of_resource("media_holders"),
    )
    op.create_index("ix_media_holders_aggregate", "media_holders", ["kind", "aggregate_id"])


def _of_resource(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["resource_id"],
        ["media_resources.id"],
        name=f"fk_{table}_resource_id",
        ondelete="CASCADE",
    )
