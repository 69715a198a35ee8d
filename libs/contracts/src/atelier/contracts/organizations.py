"""Organizations and their members, as identity owns them: one aggregate."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from atelier.contracts.model import Contract, Event, Open, State
from atelier.contracts.types import UtcDatetime


class Role(StrEnum):
    """What a member may do, from least to most; every organization has one owner."""

    VIEWER = "viewer"
    MEMBER = "member"
    ADMIN = "admin"
    OWNER = "owner"


class MemberState(Contract):
    """One member's role; a member has exactly one role in an organization."""

    user_id: UUID
    role: Open[Role]
    created_at: UtcDatetime


class OrganizationState(State):
    """A tenant: `owner_id` is the member with role `owner`, of whom there is exactly one.

    `organization_id` is its own id: who may see what is in an organization may see it.
    """

    kind: ClassVar[str] = "organizations"

    name: str
    slug: str
    logo_url: str | None = None
    members: tuple[MemberState, ...] = ()


class OrganizationCreated(Event[OrganizationState]):
    """An organization exists; its maker is its owner and only member."""


class OrganizationUpdated(Event[OrganizationState]):
    """Name, slug or logo changed."""


class OrganizationDeleted(Event[OrganizationState]):
    """The organization is gone; what belonged to it goes back to its last owner."""

    last_owner_id: UUID


class MemberAdded(Event[OrganizationState]):
    """A user became a member."""

    user_id: UUID
    role: Open[Role]


class MemberRoleChanged(Event[OrganizationState]):
    """A member has another role from now on."""

    user_id: UUID
    role: Open[Role]
    previous_role: Open[Role]


class MemberRemoved(Event[OrganizationState]):
    """A user is no longer a member."""

    user_id: UUID


class MemberInvited(Event[OrganizationState]):
    """Somebody may become a member; neither the address nor the token is told."""

    invitation_id: UUID
    role: Open[Role]
    expires_at: UtcDatetime


class InvitationRevoked(Event[OrganizationState]):
    """An invitation that nobody had accepted was taken back."""

    invitation_id: UUID


class OwnershipTransferred(Event[OrganizationState]):
    """Another member is the owner from now on; the previous one is an admin."""

    previous_owner_id: UUID
