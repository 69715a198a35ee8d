"""How long tokens and sessions last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, kw_only=True)
class Lifetimes:
    """Who refreshes gets short tokens; who only logs in works for a day with the one they have."""

    access: timedelta
    """Of the access token that a login answers."""
    refreshed: timedelta
    """Of those that a refresh answers."""
    idle: timedelta
    """After which an unused refresh token is worth nothing."""
    session: timedelta
    """After which nobody stays logged in, however often they refresh."""

    def session_ends(self, began: datetime, now: datetime) -> datetime:
        """When a session that is used now is over."""
        return min(now + self.idle, began + self.session)
