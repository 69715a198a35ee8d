"""What production's facts say of a product: how far its shots are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from atelier.catalog.products import repository
from atelier.catalog.products.models import Product
from atelier.catalog.products.repository import Standing
from atelier.contracts.shots import ShotState
from atelier.runtime.messaging.records import Fact
from atelier.runtime.unit_of_work import UnitOfWork


async def on_shot(uow: UnitOfWork, fact: Fact[Any]) -> None:
    """Count a shot as its latest version says; a product that isn't there (any more) has none.

    The product is locked, so that of two shots at once the later sees what the first one changed.
    """
    shot: ShotState = fact.event.state
    product = await repository.lock(uow, shot.product_id)
    if product is None:
        return
    await repository.keep_shot(uow, shot, fact.envelope.aggregate_version)
    await stand_anew(uow, [product])


async def stand_anew(uow: UnitOfWork, products: Sequence[Product]) -> None:
    """Give locked products of one tenant the standing that this tenant's shots have now.

    It is fed, not written: no version, no event.
    """
    standings = await repository.standings(uow, products)
    for product in products:
        standing = standings.get(product.id, Standing())
        product.shot_status, product.shot_status_look_id = standing
