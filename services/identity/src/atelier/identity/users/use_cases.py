"""What can be done with users."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from atelier.contracts.users import UserDeactivated, UserRegistered, UserUpdated
from atelier.identity.attempts.use_cases import Attempts
from atelier.identity.credentials import require_not_address
from atelier.identity.passwords import Passwords
from atelier.identity.policy import caller, require_administrator, require_login
from atelier.identity.sessions import use_cases as sessions
from atelier.identity.users import repository
from atelier.identity.users.models import User
from atelier.identity.users.schemas import (
    PasswordChange,
    UserCreate,
    UserRegister,
    UserUpdate,
    UserUpdateMe,
)
from atelier.runtime import uniqueness
from atelier.runtime.auth import Principal
from atelier.runtime.clock import new_id
from atelier.runtime.entities import change
from atelier.runtime.errors import ConflictError, InvalidError, NotFoundError
from atelier.runtime.http.pages import Page
from atelier.runtime.http.versions import Expected
from atelier.runtime.unit_of_work import UnitOfWork, UnitsOfWork

WHAT = "User"
CHANGEABLE = ("email", "is_active", "is_superuser")
CLEARABLE = ("full_name",)
TAKEN = {"uq_users_email": "A user with this email exists already."}


async def create(uow: UnitOfWork, passwords: Passwords, principal: Principal, body: UserCreate) -> User:
    """Register somebody; administrators only."""
    require_administrator(principal)
    require_not_address(body.password, body.email, "password")
    return await _register(uow, body, await passwords.hash(body.password))


async def register(uow: UnitOfWork, units: UnitsOfWork, passwords: Passwords, body: UserRegister) -> bool:
    """Make an account of one's own; False where the address has one, which is left alone.

    Both take the same time: the password is hashed, an insert is tried, and something is committed.
    """
    require_not_address(body.password, body.email, "password")
    password_hash = await passwords.hash(body.password)
    new = UserCreate(email=body.email, password=body.password, full_name=body.full_name)
    try:
        async with units.begin(uow.cause) as own:
            await _register(own, new, password_hash)
            await own.commit()
    except ConflictError:
        async with units.begin(uow.cause) as nothing:
            await repository.write_nothing(nothing)
            await nothing.commit()
        return False
    return True


async def make_first(uow: UnitOfWork, body: UserCreate, password_hash: str) -> None:
    """Register the first superuser, unless somebody has the address: they are left alone.

    Safe to repeat and for two processes at once.
    """
    await repository.lock_making_the_first(uow)
    if await repository.with_email(uow, body.email) is None:
        await _register(uow, body, password_hash)


async def with_email(uow: UnitOfWork, email: str) -> User | None:
    """Whoever has that address, active or not."""
    return await repository.with_email(uow, email)


async def named(uow: UnitOfWork, user_id: UUID | None, email: str | None) -> User | None:
    """The active user of that id, or else of that address."""
    if user_id is not None:
        user = await repository.get(uow, user_id)
    else:
        user = await repository.with_email(uow, email or "")
    return user if user is not None and user.is_active else None


async def find(uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, User]:
    """Users by id, active or not."""
    return {user.id: user for user in await repository.get_many(uow, ids)}


async def active(uow: UnitOfWork, id_: UUID) -> User:
    """A user who may sign in; raises `NotFoundError` for anybody else."""
    user = await repository.get(uow, id_)
    if user is None or not user.is_active:
        raise NotFoundError.of(WHAT)
    return user


async def lock_active(uow: UnitOfWork, id_: UUID) -> User:
    """The same for changing what is theirs: nobody else does until the commit."""
    user = await repository.lock(uow, id_)
    if user is None or not user.is_active:
        raise NotFoundError.of(WHAT)
    return user


async def still(uow: UnitOfWork, known: User) -> bool:
    """Whether a user is as they were when they proved who they are, and stays so until the commit."""
    user = await repository.lock_as_it_is(uow, known.id)
    return user is not None and user.is_active and user.password_hash == known.password_hash


async def list_(uow: UnitOfWork, principal: Principal, page: Page) -> tuple[Sequence[User], int]:
    """A page of all users, newest first, and their number; administrators only."""
    require_administrator(principal)
    return await repository.page(uow, page)


async def read(uow: UnitOfWork, principal: Principal, id_: UUID) -> User:
    """Any user, active or not; administrators only."""
    require_administrator(principal)
    return _known(await repository.get(uow, id_))


async def read_me(uow: UnitOfWork, principal: Principal) -> User:
    """Who asks."""
    return _known(await repository.get(uow, caller(principal)))


async def update(
    uow: UnitOfWork,
    passwords: Passwords,
    principal: Principal,
    id_: UUID,
    expected: Expected,
    body: UserUpdate,
) -> User:
    """Change what is sent; administrators only. One active superuser always remains."""
    require_administrator(principal)
    password_hash = await passwords.hash(body.password) if body.password else None
    user = await _locked(uow, id_, expected, takes_power=False in (body.is_active, body.is_superuser))
    if body.password is not None:
        require_not_address(body.password, body.email or user.email, "password")
    await _change(uow, user, body.sent(), password_hash)
    return user


async def update_me(uow: UnitOfWork, principal: Principal, expected: Expected, body: UserUpdateMe) -> User:
    """Change what users may change about themselves; only for who logged in where it is the address."""
    if body.email is not None:
        require_login(principal)
    user = await _locked(uow, caller(principal), expected, takes_power=False)
    await _change(uow, user, body.sent())
    return user


async def change_password(
    uow: UnitOfWork,
    passwords: Passwords,
    principal: Principal,
    attempts: Callable[[str], Attempts],
    units: UnitsOfWork,
    expected: Expected,
    body: PasswordChange,
) -> User:
    """Change one's own password: every other session ends, and tokens from before are refused.

    `attempts` counts at an account: the old password isn't to be guessed here either. Raises
    `InvalidError` for a wrong old one.
    """
    session_id = require_login(principal)
    async with units.begin(uow.cause) as brief:
        me = await active(brief, caller(principal))
    await attempts(me.email).count(uow, units)
    password_hash = await _checked_change(passwords, me, body)
    user = await _locked(uow, me.id, expected, takes_power=False)
    if user.password_hash != me.password_hash:
        raise ConflictError("Your password was changed just now; log in with the new one.")
    await attempts(me.email).succeed(uow)
    await _change(uow, user, {}, password_hash, keeping=session_id)
    return user


async def refuse_tokens_of_all(uow: UnitOfWork) -> None:
    """Have everybody log in again."""
    await repository.refuse_tokens_of_all(uow)
    await sessions.revoke_everybodys(uow)


async def deactivate(uow: UnitOfWork, principal: Principal, id_: UUID, expected: Expected) -> None:
    """Let somebody sign in no more; administrators only. Again is nothing."""
    require_administrator(principal)
    user = await _locked(uow, id_, expected, takes_power=True)
    await _change(uow, user, {"is_active": False})


async def _register(uow: UnitOfWork, body: UserCreate, password_hash: str) -> User:
    user = User(
        id=new_id(),
        created_at=uow.now,
        updated_at=uow.now,
        email=body.email,
        full_name=body.full_name,
        password_hash=password_hash,
        is_active=body.is_active,
        is_superuser=body.is_superuser,
    )
    uow.add(user)
    uow.emit(user, UserRegistered)
    await uniqueness.flush(uow, TAKEN)
    return user


async def _checked_change(passwords: Passwords, me: User, body: PasswordChange) -> str:
    """The hash of the new password, after the old one was looked at; no transaction is open meanwhile."""
    if not await passwords.verify(body.current_password.get_secret_value(), me.password_hash):
        raise InvalidError.field("body", "current_password", msg="This isn't your password.")
    if body.new_password == body.current_password:
        raise InvalidError.field("body", "new_password", msg="This is your password already; choose another.")
    require_not_address(body.new_password, me.email, "new_password")
    return await passwords.hash(body.new_password)


async def _change(
    uow: UnitOfWork,
    user: User,
    sent: Mapping[str, Any],
    password_hash: str | None = None,
    keeping: UUID | None = None,
) -> None:
    """A change of nothing is none, without a new version.

    With a new password, or none to sign in with, all sessions end but the one to keep.
    """
    changes = {name: sent[name] for name in CHANGEABLE if sent.get(name) is not None}
    changes |= {name: sent[name] for name in CLEARABLE if name in sent}
    changes |= {"password_hash": password_hash} if password_hash else {}
    deactivated = user.is_active and changes.get("is_active") is False
    if deactivated or password_hash:
        user.tokens_not_before = uow.now
        await sessions.revoke_all(uow, user.id, but=keeping)
    if change(user, changes):
        uow.emit(user, UserDeactivated if deactivated else UserUpdated)
        await uniqueness.flush(uow, TAKEN)


async def _locked(uow: UnitOfWork, id_: UUID, expected: Expected, *, takes_power: bool) -> User:
    """The user for changing; whoever may take a superuser away waits for all who might."""
    administrators = await repository.lock_administrators(uow) if takes_power else ()
    user = _known(await repository.lock(uow, id_))
    expected.require(user)
    if list(administrators) == [user.id]:
        raise ConflictError("This is the last active superuser; make another one first.")
    return user


def _known(user: User | None) -> User:
    if user is None:
        raise NotFoundError.of(WHAT)
    return user
