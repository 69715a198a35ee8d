"""Every select of invitations."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, select

from atelier.identity.invitations.models import Invitation
from atelier.runtime.http.pages import Page
from atelier.runtime.unit_of_work import UnitOfWork


async def get(uow: UnitOfWork, organization_id: UUID, id_: UUID) -> Invitation | None:
    """That invitation, expired or not, if it is that organization's."""
    statement = select(Invitation).where(Invitation.id == id_)
    return await uow.one_or_none(statement.where(Invitation.organization_id == organization_id))


async def with_digest(uow: UnitOfWork, digest: bytes) -> Invitation | None:
    """The invitation whose token that is, as it is now, expired or not."""
    statement = select(Invitation).where(Invitation.digest == digest)
    return await uow.one_or_none(statement.execution_options(populate_existing=True))


async def page(uow: UnitOfWork, organization_id: UUID, page: Page) -> tuple[Sequence[Invitation], int]:
    """Invitations that can be accepted, newest first, and how many there are."""
    open_ = (Invitation.organization_id == organization_id) & (Invitation.expires_at > uow.now)
    newest_first = (
        select(Invitation).where(open_).order_by(Invitation.created_at.desc(), Invitation.id.desc())
    )
    invitations = await uow.all(newest_first.offset(page.skip).limit(page.limit))
    count = select(func.count()).select_from(Invitation).where(open_)
    return invitations, await uow.one_or_none(count) or 0


async def remove_of(uow: UnitOfWork, organization_id: UUID, email: str) -> None:
    """Remove the invitation of that address, if there is one."""
    theirs = func.lower(Invitation.email) == func.lower(email)
    await uow.execute(delete(Invitation).where(Invitation.organization_id == organization_id, theirs))


async def remove_expired(uow: UnitOfWork, limit: int) -> int:
    """Remove expired ones; how many, at most `limit`."""
    over = select(Invitation.id).where(Invitation.expires_at <= uow.now).limit(limit)
    removed = await uow.execute(delete(Invitation).where(Invitation.id.in_(over)).returning(Invitation.id))
    return len(removed.all())
