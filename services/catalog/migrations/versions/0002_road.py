"""Shot types, background presets, subjects and products: what a first picture needs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "catalog_0002"
down_revision = "catalog_0001"
branch_labels = None
depends_on = None

LIVING = sa.text("deleted_at IS NULL")


def upgrade() -> None:
    """Create the tables."""
    _shot_types()
    _background_presets()
    _subjects()
    _products()
    _product_shots()


def downgrade() -> None:
    """Drop the tables."""
    for name in ("product_shots", "products", "subjects", "background_presets", "shot_types"):
        op.drop_table(name)


def _shot_types() -> None:
    op.create_table(
        "shot_types",
        *_aggregate(owner_nullable=True),
        _moment("deleted_at", nullable=True),
        _flag("public"),
        *_texts("name", "view_angle", "framing", nullable=False),
        *_texts("shot_type_prompt_instruction", "file_naming_convention"),
        sa.Column("reference_image", JSONB()),
        *_texts("prompt", "prompt_builder_section"),
        _flag("core_focus"),
        *_texts("default_shot_type", "margins"),
        sa.PrimaryKeyConstraint("id", name="pk_shot_types"),
    )
    _tenant_indexes("shot_types", LIVING)
    public = sa.text("public AND deleted_at IS NULL")
    op.create_index("ix_shot_types_public", "shot_types", ["created_at", "id"], postgresql_where=public)


def _background_presets() -> None:
    op.create_table(
        "background_presets",
        *_aggregate(),
        _moment("deleted_at", nullable=True),
        *_texts("name", nullable=False),
        *_texts("strategy"),
        sa.Column("framings", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_background_presets"),
    )
    _tenant_indexes("background_presets", LIVING)


def _subjects() -> None:
    op.create_table(
        "subjects",
        *_aggregate(),
        _moment("deleted_at", nullable=True),
        _flag("public"),
        *_texts("name", "slug", "age_class", "gender", "subject_type", "lora_status", nullable=False),
        *_texts("surname", "description", "body_type", "ethnicity", "positive_prompt", "negative_prompt"),
        *_texts("lora_trigger", "local_model_path"),
        _flag("enabled"),
        _flag("held_back"),
        *(sa.Column(name, JSONB()) for name in ("cover_image", "portrait_image", "measurements")),
        *(
            sa.Column(name, JSONB(), nullable=False)
            for name in ("data_images", "portfolio_images", "base_images")
        ),
        sa.PrimaryKeyConstraint("id", name="pk_subjects"),
    )
    _tenant_indexes("subjects", LIVING)
    for column, within in (("organization_id", "IS NOT NULL"), ("owner_id", "IS NULL")):
        op.create_index(
            f"uq_subjects_{column.removesuffix('_id')}_slug",
            "subjects",
            [column, "slug"],
            unique=True,
            postgresql_where=sa.text(f"organization_id {within} AND deleted_at IS NULL"),
        )


def _products() -> None:
    op.create_table(
        "products",
        *_aggregate(),
        _flag("public"),
        *_texts("name", "gender", nullable=False),
        *_texts("sku", "brand", "master_item_code", "product_family", "product_type"),
        sa.Column("product_type_id", sa.Uuid()),
        *_texts("age_class", "placement", "zone", "category", "sleeve_type", "neckline", "closure_type"),
        *_texts("fit_type", "length_type", "pattern", "materials", "colour", "season"),
        sa.Column("year", sa.Integer()),
        *_texts("style_code"),
        _moment("in_store_date", nullable=True),
        *_texts("theme", "brand_collection", "description", "back_description", "ecommerce_description"),
        *(sa.Column(name, JSONB()) for name in ("brand_metadata", "cover_image", "back_image")),
        sa.Column("reference_images", JSONB(), nullable=False),
        *(_flag(name) for name in ("enabled", "archived", "demo", "is_filler")),
        *_texts("shot_status"),
        sa.Column("shot_status_look_id", sa.Uuid()),
        sa.PrimaryKeyConstraint("id", name="pk_products"),
    )
    _tenant_indexes("products", None)


def _product_shots() -> None:
    op.create_table(
        "product_shots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("look_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid()),
        sa.Column("organization_id", sa.Uuid()),
        *_texts("status", nullable=False),
        _flag("deleted"),
        sa.PrimaryKeyConstraint("id", name="pk_product_shots"),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name="fk_product_shots_product_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_product_shots_product", "product_shots", ["product_id"])


def _aggregate(*, owner_nullable: bool = False) -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        sa.Column("owner_id", sa.Uuid(), nullable=owner_nullable),
        sa.Column("organization_id", sa.Uuid()),
    ]


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _flag(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _texts(*names: str, nullable: bool = True) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def _tenant_indexes(table: str, where: sa.TextClause | None) -> None:
    for name in ("organization", "owner"):
        columns = [f"{name}_id", "created_at", "id"]
        op.create_index(f"ix_{table}_{name}", table, columns, postgresql_where=where)
