"""Every select and update of signing keys."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, delete, func, select, text, update

from atelier.identity.signing_keys.models import SigningKey
from atelier.runtime.unit_of_work import UnitOfWork

MAKING_ONE = 7_310_101
"""Advisory lock: two processes that start together make one key."""


async def lock_making(uow: UnitOfWork) -> None:
    """Wait until nobody else makes a key; until the commit nobody else will."""
    await uow.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MAKING_ONE})


async def signing(uow: UnitOfWork) -> SigningKey | None:
    """The key that signs now."""
    return await uow.one_or_none(_newest_first().where(SigningKey.signs_from <= uow.now).limit(1))


async def all_(uow: UnitOfWork) -> Sequence[SigningKey]:
    """Every key, that which signs last first; there are few."""
    return await uow.all(_newest_first())


async def allow_tokens_of(uow: UnitOfWork, seconds: int) -> None:
    """Every key may sign tokens that last so long."""
    longest = func.greatest(SigningKey.token_seconds, seconds)
    await uow.execute(
        update(SigningKey).where(SigningKey.token_seconds < seconds).values(token_seconds=longest)
    )


async def remove_all(uow: UnitOfWork) -> None:
    """Remove every key."""
    await uow.execute(delete(SigningKey))


async def remove(uow: UnitOfWork, ids: Sequence[UUID]) -> None:
    """Remove those keys."""
    await uow.execute(delete(SigningKey).where(SigningKey.id.in_(ids)))


def _newest_first() -> Select[SigningKey]:
    return select(SigningKey).order_by(SigningKey.signs_from.desc(), SigningKey.id.desc())
