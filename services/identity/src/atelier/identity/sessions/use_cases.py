"""What can be done with sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from atelier.identity.lifetimes import Lifetimes
from atelier.identity.secret_tokens import REFRESH_TOKEN, digest_of, new_secret
from atelier.identity.sessions import repository
from atelier.identity.sessions.models import RefreshToken, Session
from atelier.runtime.clock import new_id
from atelier.runtime.errors import ConflictError, NotAuthenticatedError
from atelier.runtime.unit_of_work import UnitOfWork, UnitsOfWork

WRONG = "This refresh token isn't valid (any more); log in again."
IN_FLIGHT = "This refresh token is being used right now; use the answer of that request."

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Opened:
    """A session with the refresh token that goes on with it, once."""

    id: UUID
    user_id: UUID
    refresh_token: str


async def begin(uow: UnitOfWork, user_id: UUID, lifetimes: Lifetimes) -> Opened:
    """A new session of somebody who just proved who they are."""
    ends = lifetimes.session_ends(uow.now, uow.now)
    session = Session(id=new_id(), user_id=user_id, created_at=uow.now, expires_at=ends)
    uow.add(session)
    return _opened(uow, session)


async def refresh(uow: UnitOfWork, units: UnitsOfWork, lifetimes: Lifetimes, token: str) -> Opened:
    """Go on with a session: the token is used up, the answer has the next one.

    A token that was used before is in two hands, so the session is revoked, whoever has its newest
    one. Raises `NotAuthenticatedError` for that and for any other token that isn't good, and
    `ConflictError` while another request with it is in flight, which changes nothing.
    """
    digest = digest_of(token)
    session = await _session_of(uow, digest)
    known = await repository.token(uow, digest)
    assert known is not None, "it goes with its session only"
    if known.used_at is not None:
        await _revoke_family(uow, units, session.id)
        raise NotAuthenticatedError(WRONG)
    if session.revoked_at is not None or session.expires_at <= uow.now:
        raise NotAuthenticatedError(WRONG)
    known.used_at = uow.now
    session.expires_at = lifetimes.session_ends(session.created_at, uow.now)
    return _opened(uow, session)


async def revoke(uow: UnitOfWork, session_id: UUID) -> None:
    """End a session: its access tokens are refused and it can't be refreshed. Again is nothing."""
    await repository.revoke(uow, session_id)


async def revoke_all(uow: UnitOfWork, user_id: UUID, but: UUID | None = None) -> None:
    """End all sessions of a user but the one, if any."""
    await repository.revoke_all(uow, user_id, but)


async def revoke_everybodys(uow: UnitOfWork) -> None:
    """End all sessions there are."""
    await repository.revoke_all(uow, None)


async def is_good(uow: UnitOfWork, session_id: UUID, user_id: UUID) -> bool:
    """Whether access tokens of that session still say who that user is."""
    return await repository.is_good(uow, session_id, user_id)


async def remove_over(uow: UnitOfWork, before: datetime, limit: int) -> int:
    """Remove at most so many sessions that were over then; how many they were."""
    return await repository.remove_over(uow, before, limit)


async def _session_of(uow: UnitOfWork, digest: bytes) -> Session:
    """The session of a token, locked."""
    known = await repository.token(uow, digest)
    if known is None:
        raise NotAuthenticatedError(WRONG)
    session = await repository.lock_unless_locked(uow, known.session_id)
    if session is None:
        raise ConflictError(IN_FLIGHT)
    return session


async def _revoke_family(uow: UnitOfWork, units: UnitsOfWork, session_id: UUID) -> None:
    """In a transaction of its own, as the request's ends with a refusal; its lock is given up first."""
    await uow.pause()
    log.warning("refresh token used again, session revoked", session_id=str(session_id))
    async with units.begin(uow.cause) as own:
        await repository.revoke(own, session_id)
        await own.commit()


def _opened(uow: UnitOfWork, session: Session) -> Opened:
    secret = new_secret(REFRESH_TOKEN)
    uow.add(RefreshToken(digest=digest_of(secret), session_id=session.id, created_at=uow.now))
    return Opened(session.id, session.user_id, secret)
