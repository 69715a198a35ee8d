"""Rows of products, and what is known of their shots."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from atelier.catalog.columns import Picture, json_list, json_or_null
from atelier.contracts.products import ProductState
from atelier.runtime.database import Row
from atelier.runtime.entities import Entity


class Product(Entity, Row, kw_only=True):
    """An article of a catalogue; `enabled` is false while it is a draft.

    `shot_status` and `shot_status_look_id` are fed by production's facts, outside of version,
    events and `updated_at`.
    """

    __tablename__ = "products"
    __table_args__ = (
        Index("ix_products_organization", "organization_id", "created_at", "id"),
        Index("ix_products_owner", "owner_id", "created_at", "id"),
    )

    public: Mapped[bool] = mapped_column(default=False)
    sku: Mapped[str | None] = mapped_column(Text, default=None)
    name: Mapped[str] = mapped_column(Text)
    brand: Mapped[str | None] = mapped_column(Text, default=None)
    master_item_code: Mapped[str | None] = mapped_column(Text, default=None)
    product_family: Mapped[str | None] = mapped_column(Text, default=None)
    product_type: Mapped[str | None] = mapped_column(Text, default=None)
    product_type_id: Mapped[UUID | None] = mapped_column(default=None)
    gender: Mapped[str] = mapped_column(Text)
    age_class: Mapped[str | None] = mapped_column(Text, default=None)
    placement: Mapped[str | None] = mapped_column(Text, default=None)
    zone: Mapped[str | None] = mapped_column(Text, default=None)
    category: Mapped[str | None] = mapped_column(Text, default=None)
    sleeve_type: Mapped[str | None] = mapped_column(Text, default=None)
    neckline: Mapped[str | None] = mapped_column(Text, default=None)
    closure_type: Mapped[str | None] = mapped_column(Text, default=None)
    fit_type: Mapped[str | None] = mapped_column(Text, default=None)
    length_type: Mapped[str | None] = mapped_column(Text, default=None)
    pattern: Mapped[str | None] = mapped_column(Text, default=None)
    materials: Mapped[str | None] = mapped_column(Text, default=None)
    colour: Mapped[str | None] = mapped_column(Text, default=None)
    season: Mapped[str | None] = mapped_column(Text, default=None)
    year: Mapped[int | None] = mapped_column(Integer, default=None)
    style_code: Mapped[str | None] = mapped_column(Text, default=None)
    in_store_date: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), default=None)
    theme: Mapped[str | None] = mapped_column(Text, default=None)
    brand_collection: Mapped[str | None] = mapped_column(Text, default=None)
    description: Mapped[str | None] = mapped_column(Text, default=None)
    back_description: Mapped[str | None] = mapped_column(Text, default=None)
    ecommerce_description: Mapped[str | None] = mapped_column(Text, default=None)
    brand_metadata: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), default=None)
    cover_image: Mapped[Picture | None] = json_or_null()
    back_image: Mapped[Picture | None] = json_or_null()
    reference_images: Mapped[list[Picture]] = json_list()
    enabled: Mapped[bool] = mapped_column(default=True)
    archived: Mapped[bool] = mapped_column(default=False)
    demo: Mapped[bool] = mapped_column(default=False)
    is_filler: Mapped[bool] = mapped_column(default=False)
    shot_status: Mapped[str | None] = mapped_column(Text, default=None)
    shot_status_look_id: Mapped[UUID | None] = mapped_column(default=None)

    def state(self) -> ProductState:
        """The row as its events carry it."""
        return ProductState.model_validate(self)


class ProductShot(Row, kw_only=True):
    """A shot of a product as production last told of it: whose it is, its status, and its version.

    A deleted one stays, so that an older fact that comes late doesn't bring it back; it goes with
    its product.
    """

    __tablename__ = "product_shots"
    __table_args__ = (Index("ix_product_shots_product", "product_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    product_id: Mapped[UUID] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"))
    look_id: Mapped[UUID]
    owner_id: Mapped[UUID | None]
    organization_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(Text)
    deleted: Mapped[bool]
