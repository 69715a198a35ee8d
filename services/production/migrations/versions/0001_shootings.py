"""Shootings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "production_0001"
down_revision = None
branch_labels = ("production",)
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "shootings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text()),
        sa.Column("due_date", sa.DateTime(timezone=True)),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("season", sa.Text()),
        sa.Column("collection", sa.Text()),
        sa.Column("brand", sa.Text()),
        sa.Column("default_guidelines_id", sa.Uuid()),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("shot_status", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_shootings"),
    )
    op.create_index("ix_shootings_organization", "shootings", ["organization_id", "created_at", "id"])
    op.create_index(
        "ix_shootings_personal",
        "shootings",
        ["owner_id", "created_at", "id"],
        postgresql_where=sa.text("organization_id IS NULL"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("shootings")
