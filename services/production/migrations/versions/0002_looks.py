"""Looks and outfits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "production_0002"
down_revision = "production_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    _looks()
    _outfits()


def _looks() -> None:
    op.create_table(
        "looks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid()),
        sa.Column("shooting_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("style_id", sa.Uuid()),
        sa.Column("resolution_preset_id", sa.Uuid()),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.Column("background_preset_id", sa.Uuid()),
        sa.Column("set_design_id", sa.Uuid()),
        sa.Column("pose_preset_ids", JSONB(), nullable=False),
        sa.Column("file_format", sa.Text(), nullable=False),
        sa.Column("instructions", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("progress", sa.SmallInteger(), nullable=False),
        sa.Column("shot_progress", sa.SmallInteger()),
        sa.Column("assignee_id", sa.Uuid()),
        sa.Column("outfit_id", sa.Uuid()),
        sa.PrimaryKeyConstraint("id", name="pk_looks"),
        sa.ForeignKeyConstraint(["shooting_id"], ["shootings.id"], name="fk_looks_shooting_id"),
    )
    op.create_index("ix_looks_shooting", "looks", ["shooting_id", "created_at", "id"])
    op.create_index("ix_looks_progress", "looks", ["shooting_id", "progress"])
    op.create_index("ix_looks_shot_progress", "looks", ["shooting_id", "shot_progress"])
    op.create_index("ix_looks_product", "looks", ["product_id", "created_at", "id"])
    op.create_index("ix_looks_organization", "looks", ["organization_id", "created_at", "id"])
    op.create_index(
        "ix_looks_personal",
        "looks",
        ["owner_id", "created_at", "id"],
        postgresql_where=sa.text("organization_id IS NULL"),
    )


def _outfits() -> None:
    op.create_table(
        "outfits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("look_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outfit_instruction", sa.Text()),
        sa.Column("outfit_product_ids", JSONB(), nullable=False),
        sa.Column("outfit_ref_images", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outfits"),
        sa.ForeignKeyConstraint(["look_id"], ["looks.id"], name="fk_outfits_look_id", ondelete="CASCADE"),
    )
    op.create_index("ix_outfits_look", "outfits", ["look_id"])
    op.create_index("ix_outfits_products", "outfits", ["outfit_product_ids"], postgresql_using="gin")


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("outfits")
    op.drop_table("looks")
