"""What somebody without a login can do."""

from __future__ import annotations

from datetime import timedelta

from atelier.identity.credentials import typed_address
from atelier.identity.passwords import Passwords
from atelier.identity.signing_keys import use_cases as signing_keys
from atelier.identity.users import use_cases as users
from atelier.identity.users.models import User
from atelier.runtime.errors import NotAuthenticatedError
from atelier.runtime.unit_of_work import UnitOfWork, UnitsOfWork

WRONG = "Incorrect email or password."


async def log_in(
    uow: UnitOfWork,
    units: UnitsOfWork,
    passwords: Passwords,
    lifetime: timedelta,
    username: str,
    password: str,
) -> str:
    """An access token of that lifetime.

    Raises `NotAuthenticatedError`, the same and after the same time for an unknown address, a
    wrong password and a deactivated user.
    """
    user = await _user(units, uow, username)
    matches = await passwords.verify(password, user.password_hash if user else None)
    if user is None or not matches or not user.is_active:
        raise NotAuthenticatedError(WRONG)
    return await signing_keys.access_token(uow, user.id, lifetime)


async def _user(units: UnitsOfWork, uow: UnitOfWork, username: str) -> User | None:
    """Read in a transaction that is over before the password is looked at."""
    email = typed_address(username)
    if email is None:
        return None
    async with units.begin(uow.cause) as brief:
        return await users.with_email(brief, email)
