"""Every select of organizations and members."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import selectinload

from atelier.contracts.organizations import Role
from atelier.identity.organizations.models import Member, Organization
from atelier.runtime.http.pages import Page
from atelier.runtime.unit_of_work import UnitOfWork

WITH_MEMBERS = selectinload(Organization.members)


async def get(
    uow: UnitOfWork, id_: UUID, user_id: UUID | None
) -> tuple[Organization, Role | None] | tuple[None, None]:
    """The organization without its members, and that user's role in it."""
    membership = and_(Member.organization_id == Organization.id, Member.user_id == user_id)
    statement = select(Organization, Member.role).outerjoin(Member, membership).where(Organization.id == id_)
    found = (await uow.execute(statement)).one_or_none()
    return (None, None) if found is None else (found[0], found[1])


async def lock(uow: UnitOfWork, id_: UUID) -> Organization | None:
    """The organization for changing, it or its members: nobody else does until the commit.

    The members are read after the lock is had, so they are those that hold.
    """
    statement = select(Organization).where(Organization.id == id_).options(WITH_MEMBERS)
    return await uow.one_or_none(statement.with_for_update(of=Organization))


async def page_of_user(
    uow: UnitOfWork, user_id: UUID, page: Page, only: UUID | None = None
) -> tuple[Sequence[tuple[Organization, Role]], int]:
    """The organizations that a user is in, with their role, newest first, and how many in all.

    `only` leaves one of them, where the user asks by a key that is for no other.
    """
    whose = Member.user_id == user_id
    if only is not None:
        whose &= Member.organization_id == only
    statement = select(Organization, Member.role).join(Member, Member.organization_id == Organization.id)
    newest_first = statement.order_by(Organization.created_at.desc(), Organization.id.desc())
    mine = newest_first.where(whose).offset(page.skip).limit(page.limit)
    rows = [(row[0], row[1]) for row in await uow.execute(mine)]
    count = select(func.count()).select_from(Member).where(whose)
    return rows, await uow.one_or_none(count) or 0


async def page_of_members(uow: UnitOfWork, organization_id: UUID, page: Page) -> tuple[Sequence[Member], int]:
    """Members, longest-standing first, and how many there are."""
    within = Member.organization_id == organization_id
    in_order = select(Member).where(within).order_by(Member.created_at, Member.user_id)
    members = await uow.all(in_order.offset(page.skip).limit(page.limit))
    count = await uow.one_or_none(select(func.count()).select_from(Member).where(within))
    return members, count or 0


async def roles_of(uow: UnitOfWork, user_id: UUID) -> dict[UUID, Role]:
    """A user's role in each organization that they are in."""
    statement = select(Member.organization_id, Member.role).where(Member.user_id == user_id)
    return {row.organization_id: row.role for row in await uow.execute(statement)}


async def is_slug_taken(uow: UnitOfWork, slug: str) -> bool:
    """Whether an organization has that slug."""
    return bool(await uow.one_or_none(select(exists().where(Organization.slug == slug))))
