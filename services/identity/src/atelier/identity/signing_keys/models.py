"""Rows of signing keys."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import DateTime, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from atelier.runtime.database import Row


class SigningKey(Row, kw_only=True):
    """An Ed25519 key; its id is the `kid` of what it signs. The newest signs, all are published."""

    __tablename__ = "signing_keys"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    private_key: Mapped[bytes] = mapped_column(LargeBinary, repr=False)
    """The 32 raw bytes; they never leave this database but to sign."""

    def private(self) -> Ed25519PrivateKey:
        """The key that signs."""
        return Ed25519PrivateKey.from_private_bytes(self.private_key)
