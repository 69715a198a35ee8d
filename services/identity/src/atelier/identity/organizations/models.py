"""Rows of organizations and their members: one aggregate, the organization its root."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Enum, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from atelier.contracts.organizations import OrganizationState, Role
from atelier.runtime.database import Row

ROLE = Enum(Role, native_enum=False, length=16, values_callable=lambda roles: [role.value for role in roles])


class Member(Row, kw_only=True):
    """A user's role in an organization."""

    __tablename__ = "members"
    __table_args__ = (
        Index("ix_members_user", "user_id"),
        Index("uq_members_owner", "organization_id", unique=True, postgresql_where=text("role = 'owner'")),
    )

    organization_id: Mapped[UUID] = mapped_column(
        ForeignKey("organizations.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(ROLE)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class Organization(Row, kw_only=True):
    """A tenant. `owner_id` is the member with the role `owner`."""

    __tablename__ = "organizations"
    __table_args__ = (UniqueConstraint("slug", name="uq_organizations_slug"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str] = mapped_column(Text)
    slug: Mapped[str] = mapped_column(Text)
    logo_url: Mapped[str | None] = mapped_column(Text, default=None)
    members: Mapped[list[Member]] = relationship(
        viewonly=True, lazy="raise", order_by=[Member.created_at, Member.user_id], default_factory=list
    )
    """Only read for the state: whoever adds or deletes a member's row keeps this list in step."""

    @hybrid_property
    def organization_id(self) -> UUID:
        """Its own id: tenancy asks the same question of an organization as of what is in it."""
        return self.id

    def member(self, user_id: UUID | None) -> Member | None:
        """That user's membership, of the members that were loaded."""
        return next((member for member in self.members if member.user_id == user_id), None)

    def state(self) -> OrganizationState:
        """The row and its members as the events carry them."""
        return OrganizationState.model_validate(self)
