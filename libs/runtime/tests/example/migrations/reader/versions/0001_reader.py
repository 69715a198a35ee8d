"""Tallies and subscriptions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "reader_0001"
down_revision = None
branch_labels = ("reader",)
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "tallies",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("title", name="pk_tallies"),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("issue_id", sa.Uuid(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("subscriptions")
    op.drop_table("tallies")
