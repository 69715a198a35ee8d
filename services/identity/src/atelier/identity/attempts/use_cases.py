"""How often somebody may try a password."""

from __future__ import annotations

import hashlib
import ipaddress
import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from atelier.identity.attempts import repository
from atelier.runtime.errors import TooManyRequestsError
from atelier.runtime.unit_of_work import UnitOfWork, UnitsOfWork

KEPT_DAYS = 2
"""Longer than any load takes to leak away to where it makes nobody wait."""
_HOUSEHOLD = 64
"""Bits of an IPv6 address that one household or server has: it may choose the rest for each attempt."""


@dataclass(frozen=True)
class Limit:
    """`free` attempts at once, and one more for each `forgiven_every` that passes."""

    free: int
    forgiven_every: timedelta


@dataclass(frozen=True)
class Throttle:
    """Attempts beyond the free ones wait 1, 2, 4 … seconds after the one before, up to the longest."""

    account: Limit
    address: Limit
    longest_wait: timedelta

    def limit_of(self, key: str) -> Limit:
        """The limit for such a key."""
        return self.account if key.startswith("account:") else self.address


@dataclass(frozen=True)
class Attempts:
    """Counts attempts before the password is looked at, so that many at once don't slip through.

    They are counted in transactions of their own: what is refused afterwards stays counted.
    """

    throttle: Throttle
    account: str
    address: str | None

    @classmethod
    def of(cls, throttle: Throttle, account: str, address: str | None) -> Attempts:
        """At that account, as somebody typed it, from that address, where it is known."""
        digest = hashlib.sha256(account.strip().lower().encode(errors="surrogatepass")).hexdigest()
        return cls(throttle, f"account:{digest}", _network(address))

    async def count(self, uow: UnitOfWork, units: UnitsOfWork) -> None:
        """Count one at both; raises `TooManyRequestsError` where one of them has to wait, uncounted.

        The account is counted whether it exists or not.
        """
        keys = [self.account] if self.address is None else [self.account, self.address]
        await _count(uow, units, self.throttle, keys)

    async def succeed(self, uow: UnitOfWork) -> None:
        """It was the right password: the account is as good as new, the address as before the attempt."""
        await repository.forget(uow, self.account)
        if self.address is not None:
            await repository.take_back(uow, self.address)


async def count_registration(
    uow: UnitOfWork, units: UnitsOfWork, throttle: Throttle, address: str | None
) -> None:
    """Count an attempt at the address alone; raises `TooManyRequestsError` where it has to wait."""
    network = _network(address)
    if network is not None:
        await _count(uow, units, throttle, [network])


async def remove_forgiven(uow: UnitOfWork, limit: int) -> int:
    """Remove at most so many rows that mean nothing any more; how many they were."""
    return await repository.remove_forgiven(uow, KEPT_DAYS, limit)


async def _count(uow: UnitOfWork, units: UnitsOfWork, throttle: Throttle, keys: Collection[str]) -> None:
    async with units.begin(uow.cause) as own:
        for key in keys:
            if not await _counted(own, throttle, key):
                raise _wait(await repository.seconds_left(own, keys))
        await own.commit()


async def _counted(uow: UnitOfWork, throttle: Throttle, key: str) -> bool:
    limit = throttle.limit_of(key)
    forgiven, longest = limit.forgiven_every.total_seconds(), throttle.longest_wait.total_seconds()
    return await repository.count(uow, key, limit.free, forgiven, longest)


def _wait(seconds: float) -> TooManyRequestsError:
    whole = max(1, math.ceil(seconds))
    return TooManyRequestsError(f"Too many attempts; try again in {whole} s.", whole)


def _network(address: str | None) -> str | None:
    """The key of an address; None for what is none."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return f"address:{ipaddress.ip_network((parsed.packed, _HOUSEHOLD), strict=False)}"
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return f"address:{mapped or parsed}"
