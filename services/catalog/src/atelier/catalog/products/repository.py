"""Every select and update of products and of what is known of their shots."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Text, and_, func, literal, select
from sqlalchemy.dialects.postgresql import distinct_on, insert

from atelier.catalog.products.models import Product, ProductShot
from atelier.contracts.enums import ProductShootingStatus
from atelier.contracts.shots import ShotState
from atelier.runtime.unit_of_work import UnitOfWork

ADVANCEMENT = func.array_position(literal(list(ProductShootingStatus), ARRAY(Text)), ProductShot.status)
"""How far a shot is; NULL for a status that isn't known here."""


class Standing(NamedTuple):
    """The least advanced status over a product's shots, and a look that has it."""

    status: str | None = None
    look_id: UUID | None = None


async def get(uow: UnitOfWork, id_: UUID) -> Product | None:
    """The product."""
    return await uow.one_or_none(select(Product).where(Product.id == id_))


async def lock(uow: UnitOfWork, id_: UUID) -> Product | None:
    """The product for changing: nobody else changes it until the commit."""
    return await uow.one_or_none(select(Product).where(Product.id == id_).with_for_update())


async def keep_shot(uow: UnitOfWork, shot: ShotState, version: int) -> None:
    """Keep what this version says of a shot, unless a later one is known."""
    statement = insert(ProductShot).values(
        id=shot.id,
        version=version,
        product_id=shot.product_id,
        look_id=shot.look_id,
        owner_id=shot.owner_id,
        organization_id=shot.organization_id,
        status=shot.status,
        deleted=shot.deleted_at is not None,
    )
    kept = ("version", "owner_id", "organization_id", "status", "deleted")
    await uow.execute(
        statement.on_conflict_do_update(
            index_elements=[ProductShot.id],
            set_={name: statement.excluded[name] for name in kept},
            where=ProductShot.version < statement.excluded.version,
        )
    )


async def standings(uow: UnitOfWork, products: Collection[Product]) -> dict[UUID, Standing]:
    """The standing of each of these products of one tenant; without shots, no entry.

    Only that tenant's own shots count: a public product must not tell of others'. Among looks that
    are equally far, the oldest.
    """
    first = next(iter(products))
    own = and_(ProductShot.organization_id.is_(None), ProductShot.owner_id == first.owner_id)
    if first.organization_id is not None:
        own = ProductShot.organization_id == first.organization_id
    statement = (
        select(ProductShot.product_id, ProductShot.status, ProductShot.look_id)
        .where(ProductShot.product_id.in_([product.id for product in products]), own)
        .where(ProductShot.deleted.is_(False), ADVANCEMENT.is_not(None))
        .ext(distinct_on(ProductShot.product_id))
        .order_by(ProductShot.product_id, ADVANCEMENT, ProductShot.look_id)
    )
    rows = (await uow.execute(statement)).all()
    return {product_id: Standing(status, look_id) for product_id, status, look_id in rows}
