"""Resolution presets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "catalog_0001"
down_revision = None
branch_labels = ("catalog",)
depends_on = None

LIVING = sa.text("deleted_at IS NULL")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "resolution_presets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_resolution_presets"),
        sa.CheckConstraint("width > 0 AND height > 0", name="ck_resolution_presets_positive_size"),
    )
    for name in ("organization", "owner"):
        op.create_index(
            f"ix_resolution_presets_{name}",
            "resolution_presets",
            [f"{name}_id", "created_at", "id"],
            postgresql_where=LIVING,
        )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("resolution_presets")
