"""What must exist before anybody can sign in: a signing key and, if wished, a first superuser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from atelier.identity import housekeeping
from atelier.identity.passwords import Passwords
from atelier.identity.settings import Settings
from atelier.identity.signing_keys import use_cases as signing_keys
from atelier.identity.users import use_cases as users
from atelier.identity.users.schemas import UserCreate
from atelier.runtime.request_context import Cause
from atelier.runtime.unit_of_work import UnitsOfWork

CAUSE = Cause(correlation_id="first-start")


def first_start(settings: Settings, passwords: Passwords) -> Callable[[UnitsOfWork], Awaitable[None]]:
    """Run at every start: what is there is left alone, whoever made it."""

    async def make_what_is_missing(units: UnitsOfWork) -> None:
        async with units.begin(CAUSE) as uow:
            await signing_keys.make_first(uow, settings.access_token_lifetime)
            await uow.commit()
        first = _first_superuser(settings)
        if first is not None:
            await _make_first_superuser(units, passwords, first)
        await housekeeping.schedule(units)

    return make_what_is_missing


def _first_superuser(settings: Settings) -> UserCreate | None:
    email, password = settings.first_superuser_email, settings.first_superuser_password
    if email is None or password is None:
        return None
    return UserCreate(email=email, password=password, is_superuser=True)


async def _make_first_superuser(units: UnitsOfWork, passwords: Passwords, first: UserCreate) -> None:
    """The password is hashed between two transactions, and only where it is needed."""
    async with units.begin(CAUSE) as uow:
        if await users.with_email(uow, first.email) is not None:
            return
    password_hash = await passwords.hash(first.password)
    async with units.begin(CAUSE) as uow:
        await users.make_first(uow, first, password_hash)
        await uow.commit()
