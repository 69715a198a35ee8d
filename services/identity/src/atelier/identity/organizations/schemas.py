"""Bodies and answers of the organizations' operations."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, HttpUrl, TypeAdapter, ValidationError, model_validator

from atelier.contracts.organizations import Role
from atelier.contracts.public.model import PublicEntity, PublicModel
from atelier.contracts.public.people import UserSummary
from atelier.contracts.types import UtcDatetime
from atelier.identity.credentials import Email
from atelier.identity.organizations.models import Member, Organization
from atelier.identity.users.models import User
from atelier.runtime.http.bodies import RequestBody
from atelier.runtime.slugs import MAX_SLUG

MAX_URL = 2048

_url = TypeAdapter(HttpUrl)


def _web_address(text: str) -> str:
    """The URL in its normal form; ValueError for what isn't http or https, or is too long."""
    try:
        normal = str(_url.validate_python(text))
    except ValidationError:
        raise ValueError("This isn't an http or https URL") from None
    if len(normal) > MAX_URL:
        raise ValueError(f"The URL has more than {MAX_URL} characters")
    return normal


Name = Annotated[str, Field(min_length=1, max_length=255)]
Slug = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_SLUG,
        pattern=r"^[a-z0-9-]+$",
        description="Unique among all organizations.",
    ),
]
WebAddress = Annotated[
    str,
    Field(max_length=MAX_URL, json_schema_extra={"format": "uri"}),
    AfterValidator(_web_address),
]
AssignableRole = Literal["viewer", "member", "admin"]


class OrganizationCreate(RequestBody):
    """A new organization, its maker being its owner. Without a slug it gets one from its name."""

    name: Name
    slug: Slug | None = None
    logo_url: WebAddress | None = None


class OrganizationUpdate(RequestBody):
    """Changes of an organization: what isn't sent stays. `logo_url: null` clears it."""

    name: Name | None = None
    slug: Slug | None = None
    logo_url: WebAddress | None = None


class OrganizationPublic(PublicEntity):
    """An organization; `role` is the caller's, null for an administrator from outside."""

    name: str
    slug: str
    logo_url: str | None = None
    owner_id: UUID
    role: Role | None = None

    @classmethod
    def of(cls, organization: Organization, role: Role | None) -> Self:
        """The organization as somebody with that role sees it."""
        return cls(
            id=organization.id,
            created_at=organization.created_at,
            updated_at=organization.updated_at,
            name=organization.name,
            slug=organization.slug,
            logo_url=organization.logo_url,
            owner_id=organization.owner_id,
            role=role,
        )


class OrganizationsPublic(BaseModel):
    """A page of organizations; `count` is of all that match."""

    data: list[OrganizationPublic]
    count: int


class MemberAdd(RequestBody):
    """Who becomes a member, by id or by address, and in which role."""

    user_id: UUID | None = None
    email: Email | None = None
    role: AssignableRole

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.user_id is None) == (self.email is None):
            raise ValueError("Send either user_id or email")
        return self


class MemberUpdate(RequestBody):
    """A member's role from now on."""

    role: AssignableRole


class OwnershipTransfer(RequestBody):
    """Which member is the owner from now on."""

    user_id: UUID


class MemberPublic(PublicModel):
    """A member of an organization."""

    organization_id: UUID
    user_id: UUID
    role: Role
    created_at: UtcDatetime
    user: UserSummary

    @classmethod
    def of(cls, member: Member, user: User) -> Self:
        """The member with as much of the user as other members need."""
        return cls(
            organization_id=member.organization_id,
            user_id=member.user_id,
            role=member.role,
            created_at=member.created_at,
            user=UserSummary.model_validate(user),
        )


class MembersPublic(BaseModel):
    """A page of members; `count` is of all."""

    data: list[MemberPublic]
    count: int
