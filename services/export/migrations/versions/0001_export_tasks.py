"""Export tasks, the pictures in them, and converted pictures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "export_0001"
down_revision = None
branch_labels = ("export",)
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "export_tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid()),
        sa.Column("task_type", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("product_ids", JSONB(), nullable=False),
        sa.Column("shooting_id", sa.Uuid()),
        sa.Column("look_id", sa.Uuid()),
        sa.Column("image_format", sa.Text(), nullable=False),
        sa.Column("metadata_adapter", sa.Text(), nullable=False),
        sa.Column("naming_template", sa.Text(), nullable=False),
        sa.Column("longest_side", sa.Integer()),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("total_items", sa.Integer(), nullable=False),
        sa.Column("processed_items", sa.Integer(), nullable=False),
        sa.Column("retries", sa.Integer(), nullable=False),
        sa.Column("error_message", sa.Text()),
        sa.Column("archive_key", sa.Text()),
        sa.Column("archive_size", sa.BigInteger()),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("completed_at", sa.DateTime(timezone=True)),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_export_tasks"),
    )
    op.create_index("ix_export_tasks_owner", "export_tasks", ["owner_id", "created_at", "id"])
    op.create_index("ix_export_tasks_organization", "export_tasks", ["organization_id", "id"])
    op.create_table(
        "export_items",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("deliverable", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("task_id", "position", name="pk_export_items"),
        sa.ForeignKeyConstraint(
            ["task_id"], ["export_tasks.id"], name="fk_export_items_task_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "renditions",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("crc32", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_renditions"),
        sa.UniqueConstraint("key", name="uq_renditions_key"),
    )
    op.create_index("ix_renditions_used_at", "renditions", ["used_at"])


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("renditions")
    op.drop_table("export_items")
    op.drop_table("export_tasks")
