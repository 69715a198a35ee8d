"""Issues."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "press_0001"
down_revision = None
branch_labels = ("press",)
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "issues",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid()),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_issues"),
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("issues")
