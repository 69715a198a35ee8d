"""What can be done with organizations and their members."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from atelier.contracts.organizations import (
    MemberAdded,
    MemberRemoved,
    MemberRoleChanged,
    OrganizationCreated,
    OrganizationDeleted,
    OrganizationUpdated,
    OwnershipTransferred,
    Role,
)
from atelier.identity.organizations import repository
from atelier.identity.organizations.models import Member, Organization
from atelier.identity.organizations.schemas import (
    MemberAdd,
    MemberUpdate,
    OrganizationCreate,
    OrganizationUpdate,
    OwnershipTransfer,
)
from atelier.identity.policy import (
    Action,
    as_member,
    caller,
    require,
    require_other_than_owner,
    require_unconfined,
    require_visible,
)
from atelier.identity.users import use_cases as users
from atelier.identity.users.models import User
from atelier.runtime import uniqueness
from atelier.runtime.auth import Principal
from atelier.runtime.clock import new_id
from atelier.runtime.entities import change
from atelier.runtime.errors import ConflictError, InvalidError, NotFoundError
from atelier.runtime.http.pages import Page
from atelier.runtime.http.versions import Expected
from atelier.runtime.slugs import MAX_SLUG, slug_of
from atelier.runtime.unit_of_work import UnitOfWork

WHAT = "Organization"
CHANGEABLE = ("name", "slug")
CLEARABLE = ("logo_url",)
TAKEN = {"uq_organizations_slug": "An organization with this slug exists already; choose another slug."}


async def create(uow: UnitOfWork, principal: Principal, body: OrganizationCreate) -> Organization:
    """Make an organization, the caller its owner and only member."""
    require_unconfined(principal)
    id_, owner_id = new_id(), caller(principal)
    organization = Organization(
        id=id_,
        created_at=uow.now,
        updated_at=uow.now,
        owner_id=owner_id,
        name=body.name,
        slug=body.slug or await _free_slug(uow, body.name, id_),
        logo_url=body.logo_url,
    )
    uow.add(organization)
    _add_member(uow, organization, owner_id, Role.OWNER)
    uow.emit(organization, OrganizationCreated)
    await uniqueness.flush(uow, TAKEN)
    return organization


async def read(uow: UnitOfWork, principal: Principal, id_: UUID) -> tuple[Organization, Role | None]:
    """An organization that the caller may read, and their role in it."""
    organization, who = await read_as(uow, principal, id_)
    return organization, who.role_in(id_)


async def read_as(uow: UnitOfWork, principal: Principal, id_: UUID) -> tuple[Organization, Principal]:
    """An organization that the caller may read, and the caller with the role that they have in it now."""
    organization, role = await repository.get(uow, id_, principal.user_id)
    who = as_member(principal, organization, role)
    return require_visible(who, organization, WHAT), who


async def list_(
    uow: UnitOfWork, principal: Principal, page: Page
) -> tuple[Sequence[tuple[Organization, Role]], int]:
    """A page of the organizations that the caller is in, with their role, and the number in all."""
    return await repository.page_of_user(uow, caller(principal), page, principal.confined_to)


async def update(
    uow: UnitOfWork, principal: Principal, id_: UUID, expected: Expected, body: OrganizationUpdate
) -> Organization:
    """Change what is sent; a change of nothing is none, without a new version."""
    organization, who = await _locked(uow, principal, id_)
    require(who, Action.MANAGE, organization)
    expected.require(organization)
    sent = body.sent()
    changes = {name: sent[name] for name in CHANGEABLE if sent.get(name) is not None}
    changes |= {name: sent[name] for name in CLEARABLE if name in sent}
    if change(organization, changes):
        uow.emit(organization, OrganizationUpdated)
        await uniqueness.flush(uow, TAKEN)
    return organization


async def delete(uow: UnitOfWork, principal: Principal, id_: UUID, expected: Expected) -> None:
    """Delete an organization that only its owner is left in; what it had becomes theirs."""
    organization, who = await _locked(uow, principal, id_)
    require(who, Action.MOVE_OUT, organization)
    expected.require(organization)
    if len(organization.members) > 1:
        raise ConflictError("The organization has other members; remove them first.")
    await uow.remove(organization, OrganizationDeleted, last_owner_id=organization.owner_id)


async def list_members(
    uow: UnitOfWork, principal: Principal, id_: UUID, page: Page
) -> tuple[Sequence[tuple[Member, User]], int]:
    """A page of an organization's members, for its members, and their number."""
    organization, _ = await read(uow, principal, id_)
    members, count = await repository.page_of_members(uow, organization.id, page)
    people = await users.find(uow, [member.user_id for member in members])
    return [(member, people[member.user_id]) for member in members], count


async def add_member(
    uow: UnitOfWork, principal: Principal, id_: UUID, expected: Expected, body: MemberAdd
) -> tuple[Organization, Member, User]:
    """Take an active user in."""
    organization = await lock_to_manage(uow, principal, id_, expected)
    user = await users.named(uow, body.user_id, body.email)
    if user is None:
        raise InvalidError.unknown("body", "user_id" if body.user_id else "email")
    if organization.member(user.id) is not None:
        raise ConflictError("This user is a member already; change their role instead.")
    return organization, join(uow, organization, user.id, Role(body.role)), user


async def change_role(
    uow: UnitOfWork, principal: Principal, id_: UUID, user_id: UUID, expected: Expected, body: MemberUpdate
) -> tuple[Organization, Member, User]:
    """Give a member another role; the same one is no change. The owner stays the owner."""
    organization, who = await _locked(uow, principal, id_)
    require(who, Action.MANAGE, organization)
    expected.require(organization)
    member = _member(organization, user_id)
    require_other_than_owner(who, organization, user_id)
    previous, member.role = member.role, Role(body.role)
    if member.role is not previous:
        happened = {"user_id": user_id, "role": member.role, "previous_role": previous}
        uow.emit(organization, MemberRoleChanged, **happened)
    return organization, member, (await users.find(uow, [user_id]))[user_id]


async def remove_member(
    uow: UnitOfWork, principal: Principal, id_: UUID, user_id: UUID, expected: Expected
) -> None:
    """Remove a member, or leave; the owner can't."""
    organization, who = await _locked(uow, principal, id_)
    if user_id != principal.user_id:
        require(who, Action.MANAGE, organization)
    expected.require(organization)
    member = _member(organization, user_id)
    require_other_than_owner(who, organization, user_id)
    organization.members.remove(member)
    await uow.delete(member)
    uow.emit(organization, MemberRemoved, user_id=user_id)


async def transfer_ownership(
    uow: UnitOfWork, principal: Principal, id_: UUID, expected: Expected, body: OwnershipTransfer
) -> tuple[Organization, Role | None]:
    """Make another member the owner; the one until now becomes an admin. To the owner is no change.

    The caller's role afterwards is answered beside the organization.
    """
    organization, who = await _locked(uow, principal, id_)
    require(who, Action.MOVE_OUT, organization)
    expected.require(organization)
    heir = organization.member(body.user_id)
    if heir is None or await users.named(uow, heir.user_id, None) is None:
        raise InvalidError.unknown("body", "user_id")
    if heir.user_id != organization.owner_id:
        await _hand_over(uow, organization, heir)
    mine = organization.member(principal.user_id)
    return organization, mine.role if mine else None


async def lock_to_manage(
    uow: UnitOfWork, principal: Principal, id_: UUID, expected: Expected
) -> Organization:
    """The organization for changing what is in it, by somebody who may manage it."""
    organization, who = await _locked(uow, principal, id_)
    require(who, Action.MANAGE, organization)
    expected.require(organization)
    return organization


async def lock_existing(uow: UnitOfWork, id_: UUID) -> Organization | None:
    """The organization for changing, whoever asks: it is for the caller to know that they may."""
    return await repository.lock(uow, id_)


def join(uow: UnitOfWork, organization: Organization, user_id: UUID, role: Role) -> Member:
    """Make somebody a member of a locked organization."""
    member = _add_member(uow, organization, user_id, role)
    uow.emit(organization, MemberAdded, user_id=user_id, role=role)
    return member


async def roles_of(uow: UnitOfWork, user_id: UUID) -> dict[UUID, Role]:
    """A user's role in each organization that they are in."""
    return await repository.roles_of(uow, user_id)


async def _locked(uow: UnitOfWork, principal: Principal, id_: UUID) -> tuple[Organization, Principal]:
    """The organization for changing, and the caller with the role that they have in it now."""
    organization = await repository.lock(uow, id_)
    mine = organization.member(principal.user_id) if organization else None
    who = as_member(principal, organization, mine.role if mine else None)
    return require_visible(who, organization, WHAT), who


async def _hand_over(uow: UnitOfWork, organization: Organization, heir: Member) -> None:
    """There is one owner at any time, which the index holds to each statement."""
    previous_id, previous = organization.owner_id, organization.member(organization.owner_id)
    assert previous is not None, "every organization has its owner"
    previous.role = Role.ADMIN
    await uow.flush()
    heir.role, organization.owner_id = Role.OWNER, heir.user_id
    uow.emit(organization, OwnershipTransferred, previous_owner_id=previous_id)


def _add_member(uow: UnitOfWork, organization: Organization, user_id: UUID, role: Role) -> Member:
    member = Member(organization_id=organization.id, user_id=user_id, role=role, created_at=uow.now)
    uow.add(member)
    organization.members.append(member)
    return member


def _member(organization: Organization, user_id: UUID) -> Member:
    member = organization.member(user_id)
    if member is None:
        raise NotFoundError.of("Member")
    return member


async def _free_slug(uow: UnitOfWork, name: str, id_: UUID) -> str:
    """A slug from the name; where that is taken, with the end of the organization's own id."""
    slug = slug_of(name, otherwise="organization")
    if not await repository.is_slug_taken(uow, slug):
        return slug
    suffix = f"-{id_.hex[-8:]}"
    return slug[: MAX_SLUG - len(suffix)] + suffix
