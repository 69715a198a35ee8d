"""Every statement on attempts; the time is the database's, the same for all processes."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, func, select, text, update

from atelier.identity.attempts.models import Attempt
from atelier.runtime.unit_of_work import UnitOfWork

_LOAD = (
    "(greatest(0, attempts.load - extract(epoch FROM now() - attempts.counted_at)::float8 "
    "/ :forgiven_seconds) + 1)"
)
_WAIT = (
    "interval '1 second' * (CASE WHEN round({load}) < :free THEN 0 "
    "ELSE least(:longest_seconds, power(2, least(round({load}) - :free, 30))) END)"
)
_COUNT = text(
    "INSERT INTO attempts (key, load, counted_at, blocked_until) "
    f"VALUES (:key, 1, now(), now() + {_WAIT.format(load='1::float8')}) "
    "ON CONFLICT (key) DO UPDATE "
    f"SET load = {_LOAD}, counted_at = now(), blocked_until = now() + {_WAIT.format(load=_LOAD)} "
    "WHERE attempts.blocked_until <= clock_timestamp() RETURNING key"
)
"""One more attempt, unless the key is blocked; the wait doubles with each that isn't free.

Whoever waited for the row's lock began before the attempt ahead of them: it is free all the same.
"""


async def count(
    uow: UnitOfWork, key: str, free: int, forgiven_seconds: float, longest_seconds: float
) -> bool:
    """Count one attempt, under the row's lock until the commit; False where it has to wait instead."""
    values = {
        "key": key,
        "free": float(free),
        "forgiven_seconds": forgiven_seconds,
        "longest_seconds": longest_seconds,
    }
    return (await uow.execute(_COUNT, values)).first() is not None


async def seconds_left(uow: UnitOfWork, keys: Collection[str]) -> float:
    """Until all of those keys may try again."""
    left = func.extract("epoch", func.max(Attempt.blocked_until) - func.now())
    found = await uow.one_or_none(select(left).where(Attempt.key.in_(keys)))
    return float(found or 0)


async def forget(uow: UnitOfWork, key: str) -> None:
    """Count from nothing again."""
    await uow.execute(delete(Attempt).where(Attempt.key == key))


async def take_back(uow: UnitOfWork, key: str) -> None:
    """One attempt was none to be counted."""
    values = {"load": func.greatest(0, Attempt.load - 1), "blocked_until": func.now()}
    await uow.execute(update(Attempt).where(Attempt.key == key).values(values))


async def remove_forgiven(uow: UnitOfWork, days: int, limit: int) -> int:
    """Remove what nobody added to for so many days; how many, at most `limit`."""
    old = Attempt.counted_at < func.now() - func.make_interval(0, 0, 0, days)
    over = select(Attempt.key).where(old).limit(limit)
    removed = await uow.execute(delete(Attempt).where(Attempt.key.in_(over)).returning(Attempt.key))
    return len(removed.all())
