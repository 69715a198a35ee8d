"""Rows of signing keys."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import DateTime, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from atelier.runtime.database import Row


class SigningKey(Row, kw_only=True):
    """An Ed25519 key; its id is the `kid` of what it signs.

    It is published from the start, signs from `signs_from` until the next one does, and stays
    published until its last token has expired.
    """

    __tablename__ = "signing_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    signs_from: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    token_seconds: Mapped[int]
    """The longest that a token of it may last, whatever is set later."""
    private_key: Mapped[bytes] = mapped_column(LargeBinary, repr=False)
    """The 32 raw bytes; they never leave this database but to sign."""

    def private(self) -> Ed25519PrivateKey:
        """The key that signs."""
        return Ed25519PrivateKey.from_private_bytes(self.private_key)

    def is_over(self, successor: SigningKey | None, now: datetime, leeway: timedelta) -> bool:
        """Whether no token of it can be good any more, its successor having signed for long enough."""
        if successor is None:
            return False
        return successor.signs_from + timedelta(seconds=self.token_seconds) + leeway <= now
