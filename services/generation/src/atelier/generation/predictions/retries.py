"""Which failures are worth another try, and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from atelier.contracts.enums import ErrorCategory

RETRIES: Mapping[str, int] = MappingProxyType(
    {
        ErrorCategory.TRANSIENT: 5,
        ErrorCategory.RATE_LIMITED: 8,
        ErrorCategory.TIMEOUT: 3,
        ErrorCategory.BACKEND_UNAVAILABLE: 8,
        ErrorCategory.INTERNAL: 2,
    }
)
"""How many further tries a failure may have after so many of any kind; the others, such as a refused
content, would fail the same way again."""
LONGEST = timedelta(minutes=5)


def may_retry(category: ErrorCategory, failures: int) -> bool:
    """Whether there is another try after that many failures, this one included."""
    return failures <= RETRIES.get(category, 0)


def wait(failures: int, first: timedelta, asked: timedelta | None) -> timedelta:
    """How long until the next try: doubled with each failure, never less than the backend asked for."""
    grown = min(LONGEST, first * (1 << min(failures - 1, 20)))
    return max(grown, min(asked, LONGEST)) if asked is not None else grown
