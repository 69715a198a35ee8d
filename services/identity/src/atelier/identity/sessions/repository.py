"""Every select and update of sessions and refresh tokens."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, exists, select, update

from atelier.identity.sessions.models import RefreshToken, Session
from atelier.runtime.unit_of_work import UnitOfWork


async def token(uow: UnitOfWork, digest: bytes) -> RefreshToken | None:
    """The refresh token with that digest, used or not, as it is now."""
    statement = select(RefreshToken).where(RefreshToken.digest == digest)
    return await uow.one_or_none(statement.execution_options(populate_existing=True))


async def lock_unless_locked(uow: UnitOfWork, id_: UUID) -> Session | None:
    """The session for changing; None where somebody else changes it right now."""
    statement = select(Session).where(Session.id == id_)
    return await uow.one_or_none(statement.with_for_update(skip_locked=True, key_share=True))


async def is_good(uow: UnitOfWork, id_: UUID, user_id: UUID) -> bool:
    """Whether that user has that session and nobody revoked it."""
    good = (Session.id == id_) & (Session.user_id == user_id) & Session.revoked_at.is_(None)
    return bool(await uow.one_or_none(select(exists().where(good))))


async def revoke(uow: UnitOfWork, id_: UUID) -> None:
    """End a session from now on."""
    good = (Session.id == id_) & Session.revoked_at.is_(None)
    await uow.execute(update(Session).where(good).values(revoked_at=uow.now))


async def revoke_all(uow: UnitOfWork, user_id: UUID | None, but: UUID | None = None) -> None:
    """End all sessions of a user, or of everybody, but for the one."""
    statement = update(Session).where(Session.revoked_at.is_(None)).values(revoked_at=uow.now)
    if user_id is not None:
        statement = statement.where(Session.user_id == user_id)
    if but is not None:
        statement = statement.where(Session.id != but)
    await uow.execute(statement)


async def remove_over(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Remove sessions that were over then, with their tokens; how many they were, at most `limit`."""
    over = select(Session.id).where(Session.expires_at < before).limit(limit)
    removed = await uow.execute(delete(Session).where(Session.id.in_(over)).returning(Session.id))
    return len(removed.all())
