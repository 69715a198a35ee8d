"""Rows of invitations."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from atelier.contracts.organizations import Role
from atelier.identity.organizations.models import ROLE
from atelier.runtime.database import Row


class Invitation(Row, kw_only=True):
    """What an address may become in an organization. It goes when it is accepted or taken back."""

    __tablename__ = "invitations"
    __table_args__ = (
        UniqueConstraint("digest", name="uq_invitations_digest"),
        Index("ix_invitations_expiry", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id", ondelete="CASCADE"))
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    email: Mapped[str] = mapped_column(Text)
    role: Mapped[Role] = mapped_column(ROLE)
    digest: Mapped[bytes] = mapped_column(LargeBinary, repr=False)


Index("uq_invitations_address", Invitation.organization_id, func.lower(Invitation.email), unique=True)
