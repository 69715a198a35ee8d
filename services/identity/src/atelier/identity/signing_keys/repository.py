"""Every select of signing keys."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select, text

from atelier.identity.signing_keys.models import SigningKey
from atelier.runtime.unit_of_work import UnitOfWork

MAKING_ONE = 7_310_101
"""Advisory lock: two processes that start together make one key."""


async def lock_making(uow: UnitOfWork) -> None:
    """Wait until nobody else makes a key; until the commit nobody else will."""
    await uow.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MAKING_ONE})


async def newest(uow: UnitOfWork) -> SigningKey | None:
    """The key that signs."""
    return await uow.one_or_none(_newest_first().limit(1))


async def all_(uow: UnitOfWork) -> Sequence[SigningKey]:
    """Every key whose tokens are still good, newest first; there are few."""
    return await uow.all(_newest_first())


def _newest_first() -> Select[SigningKey]:
    return select(SigningKey).order_by(SigningKey.created_at.desc(), SigningKey.id.desc())
