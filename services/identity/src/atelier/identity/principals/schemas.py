"""Bodies and answers of the principals' operations."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from atelier.contracts.organizations import Role
from atelier.contracts.public.model import PublicModel
from atelier.contracts.types import UtcDatetime
from atelier.identity.api_keys.models import ApiKeyScope
from atelier.runtime.http.bodies import RequestBody


class PrincipalPublic(PublicModel):
    """A user's rights: whether they are a superuser, and their role by organization."""

    user_id: UUID
    superuser: bool
    organizations: dict[UUID, Role]
    not_before: UtcDatetime | None = None
    """Access tokens that were issued before it are refused."""
    session_revoked: bool = False
    """Whether the session that was asked about is over, unknown or another user's."""


class KeyPrincipalPublic(PublicModel):
    """What the holder of an API key may do, on behalf of a user."""

    user_id: UUID
    superuser: bool
    organizations: dict[UUID, Role]
    api_key_id: UUID
    scopes: list[ApiKeyScope]
    confined_to: UUID | None = None


class ApiKeyResolve(RequestBody):
    """The SHA-256 of an API key, in hexadecimal: the key itself stays at the gateway."""

    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
