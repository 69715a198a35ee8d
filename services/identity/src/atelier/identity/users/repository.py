"""Every select of users."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select, text, update

from atelier.identity.users.models import User
from atelier.runtime.http.pages import Page
from atelier.runtime.unit_of_work import UnitOfWork

MAKING_THE_FIRST = 7_310_102
"""Advisory lock: two processes that start together make one first superuser."""


async def get(uow: UnitOfWork, id_: UUID) -> User | None:
    """The user, active or not."""
    return await uow.one_or_none(select(User).where(User.id == id_))


async def get_many(uow: UnitOfWork, ids: Collection[UUID]) -> Sequence[User]:
    """Users by id, active or not."""
    return await uow.all(select(User).where(User.id.in_(ids)))


async def with_email(uow: UnitOfWork, email: str) -> User | None:
    """The user with that address, active or not; upper and lower case are the same."""
    return await uow.one_or_none(select(User).where(func.lower(User.email) == func.lower(email)))


async def lock(uow: UnitOfWork, id_: UUID) -> User | None:
    """The user, active or not, for changing: nobody else changes them until the commit."""
    return await uow.one_or_none(select(User).where(User.id == id_).with_for_update())


async def lock_as_it_is(uow: UnitOfWork, id_: UUID) -> User | None:
    """The user, active or not: nobody changes them until the commit, and others may hold the same."""
    statement = select(User).where(User.id == id_).execution_options(populate_existing=True)
    return await uow.one_or_none(statement.with_for_update(read=True))


async def write_nothing(uow: UnitOfWork) -> None:
    """Have the commit reach the disk as one that wrote something: it takes as long."""
    await uow.execute(text("SELECT pg_logical_emit_message(true, 'identity', '')"))


async def refuse_tokens_of_all(uow: UnitOfWork) -> None:
    """Nobody's access tokens from before now are good any more."""
    await uow.execute(update(User).values(tokens_not_before=uow.now))


async def lock_administrators(uow: UnitOfWork) -> Sequence[UUID]:
    """Ids of all active superusers, of whom nobody else takes one away until the commit."""
    active = select(User.id).where(User.is_superuser, User.is_active)
    return await uow.all(active.order_by(User.id).with_for_update())


async def lock_making_the_first(uow: UnitOfWork) -> None:
    """Wait until nobody else makes the first superuser; until the commit nobody else will."""
    await uow.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MAKING_THE_FIRST})


async def page(uow: UnitOfWork, page: Page) -> tuple[Sequence[User], int]:
    """All users, newest first, and how many there are."""
    newest_first = select(User).order_by(User.created_at.desc(), User.id.desc())
    users = await uow.all(newest_first.offset(page.skip).limit(page.limit))
    count = await uow.one_or_none(select(func.count()).select_from(User))
    return users, count or 0
