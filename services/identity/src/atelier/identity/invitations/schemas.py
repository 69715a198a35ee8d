"""Bodies and answers of the invitations' operations."""

from __future__ import annotations

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field, SecretStr

from atelier.contracts.organizations import Role
from atelier.contracts.public.model import PublicModel
from atelier.contracts.public.people import ShownEmail
from atelier.contracts.types import UtcDatetime
from atelier.identity.credentials import Email
from atelier.identity.invitations.models import Invitation
from atelier.identity.organizations.schemas import AssignableRole
from atelier.identity.secret_tokens import MAX_TOKEN
from atelier.runtime.http.bodies import RequestBody


class InvitationCreate(RequestBody):
    """Whom to invite, in which role. Another invitation of that address is replaced."""

    email: Email
    role: AssignableRole


class InvitationAccept(RequestBody):
    """The token that the invited person was given."""

    token: Annotated[SecretStr, Field(min_length=1, max_length=MAX_TOKEN)]


class InvitationPublic(PublicModel):
    """An invitation that can be accepted until it expires."""

    id: UUID
    organization_id: UUID
    email: ShownEmail
    role: Role
    invited_by: UUID
    created_at: UtcDatetime
    expires_at: UtcDatetime


class InvitationCreated(InvitationPublic):
    """A new invitation. Pass `token` on to that person: nothing is sent, and it isn't shown again.

    A repeated request is answered with null there.
    """

    token: str | None

    @classmethod
    def of(cls, invitation: Invitation, token: str) -> Self:
        """The invitation with its token."""
        return cls(**InvitationPublic.model_validate(invitation).model_dump(), token=token)


class InvitationsPublic(BaseModel):
    """A page of invitations; `count` is of all that can be accepted."""

    data: list[InvitationPublic]
    count: int
