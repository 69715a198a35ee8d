"""How somebody signs in, stays so, and signs out."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from atelier.identity.attempts.use_cases import Attempts
from atelier.identity.credentials import typed_address
from atelier.identity.lifetimes import Lifetimes
from atelier.identity.login.schemas import AccessToken, LoginTokens
from atelier.identity.passwords import Passwords
from atelier.identity.policy import require_login
from atelier.identity.sessions import use_cases as sessions
from atelier.identity.sessions.use_cases import Opened
from atelier.identity.signing_keys import use_cases as signing_keys
from atelier.identity.users import use_cases as users
from atelier.identity.users.models import User
from atelier.runtime.auth import Principal
from atelier.runtime.errors import NotAuthenticatedError, NotFoundError
from atelier.runtime.unit_of_work import UnitOfWork, UnitsOfWork

WRONG = "Incorrect email or password."


async def log_in(
    uow: UnitOfWork,
    units: UnitsOfWork,
    passwords: Passwords,
    lifetimes: Lifetimes,
    attempts: Attempts,
    username: str,
    password: str,
) -> LoginTokens:
    """A new session's tokens.

    Raises `NotAuthenticatedError`, the same and after the same time for an unknown address, a
    wrong password and a deactivated user; `TooManyRequestsError` without looking at either.
    """
    await attempts.count(uow, units)
    user = await _user(units, uow, username)
    matches = await passwords.verify(password, user.password_hash if user else None)
    if user is None or not matches or not await users.still(uow, user):
        raise NotAuthenticatedError(WRONG)
    await attempts.succeed(uow)
    opened = await sessions.begin(uow, user.id, lifetimes)
    return await _tokens(uow, opened, lifetimes.access)


async def refresh(uow: UnitOfWork, units: UnitsOfWork, lifetimes: Lifetimes, token: str) -> LoginTokens:
    """The session's next tokens; raises as `sessions.refresh` does, and for a deactivated user."""
    opened = await sessions.refresh(uow, units, lifetimes, token)
    try:
        await users.active(uow, opened.user_id)
    except NotFoundError:
        raise NotAuthenticatedError(sessions.WRONG) from None
    return await _tokens(uow, opened, min(lifetimes.refreshed, lifetimes.access))


async def renew(uow: UnitOfWork, user_id: UUID, session_id: UUID, lifetimes: Lifetimes) -> AccessToken:
    """An access token of now for a session that goes on, where older ones are refused."""
    token = await signing_keys.access_token(uow, user_id, session_id, lifetimes.access)
    return AccessToken(access_token=token, expires_in=_seconds(lifetimes.access))


async def log_out(uow: UnitOfWork, principal: Principal) -> None:
    """End the session that asks: its tokens are refused within seconds everywhere."""
    await sessions.revoke(uow, require_login(principal))


async def _tokens(uow: UnitOfWork, opened: Opened, lifetime: timedelta) -> LoginTokens:
    token = await signing_keys.access_token(uow, opened.user_id, opened.id, lifetime)
    return LoginTokens(access_token=token, expires_in=_seconds(lifetime), refresh_token=opened.refresh_token)


def _seconds(lifetime: timedelta) -> int:
    return int(lifetime.total_seconds())


async def _user(units: UnitsOfWork, uow: UnitOfWork, username: str) -> User | None:
    """Read in a transaction that is over before the password is looked at."""
    email = typed_address(username)
    if email is None:
        return None
    async with units.begin(uow.cause) as brief:
        return await users.with_email(brief, email)
