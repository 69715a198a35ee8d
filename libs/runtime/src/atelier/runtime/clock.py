"""Time and ids as ports, so that tests can hold them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from uuid_utils.compat import uuid7


class Clock(Protocol):
    """Where entity times come from. Leases and expiry use the database's clock instead."""

    def now(self) -> datetime:
        """The current time, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current time, in UTC, to the microsecond that PostgreSQL keeps."""
        return datetime.now(UTC)


def new_id() -> UUID:
    """A UUIDv7: unique, and in the order of its making for keyset pages."""
    return uuid7()
