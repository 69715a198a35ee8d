"""HTTP to use case, for users."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from atelier.contracts.public.messages import Message
from atelier.identity.attempts.use_cases import Attempts, count_registration
from atelier.identity.dependencies import ClientAddress, CurrentPasswords, CurrentSettings, CurrentUnits
from atelier.identity.login.schemas import AccessToken
from atelier.identity.login.use_cases import renew
from atelier.identity.policy import require_login
from atelier.identity.users import use_cases
from atelier.identity.users.schemas import (
    PasswordChange,
    UserCreate,
    UserPublic,
    UserRegister,
    UsersPublic,
    UserUpdate,
    UserUpdateMe,
)
from atelier.runtime.errors import ForbiddenError
from atelier.runtime.http import access
from atelier.runtime.http.app import api_router
from atelier.runtime.http.errors import TOO_MANY
from atelier.runtime.http.pages import Paged
from atelier.runtime.http.route import CurrentPrincipal, Uow
from atelier.runtime.http.versions import IfMatch, tag

router = api_router("/users", "users")


@router.post("/", status_code=201, openapi_extra=access.SUPERUSERS)
async def create_user(
    body: UserCreate,
    uow: Uow,
    passwords: CurrentPasswords,
    principal: CurrentPrincipal,
    response: Response,
) -> UserPublic:
    """Register a user (administrators)."""
    user = await use_cases.create(uow, passwords, principal, body)
    tag(response, user)
    return UserPublic.model_validate(user)


@router.post("/register", status_code=202, responses=TOO_MANY, openapi_extra=access.OPEN)
async def register_user(
    body: UserRegister,
    uow: Uow,
    units: CurrentUnits,
    passwords: CurrentPasswords,
    settings: CurrentSettings,
    address: ClientAddress,
) -> Message:
    """Make an account of one's own, where that is turned on. The answer doesn't tell a taken address."""
    if not settings.registration:
        raise ForbiddenError("Registration is turned off here; ask an administrator for an account.")
    await count_registration(uow, units, settings.throttle, address)
    await use_cases.register(uow, units, passwords, body)
    return Message(message="You can log in now, unless this address had an account already.")


@router.get("/", openapi_extra=access.SUPERUSERS)
async def list_users(uow: Uow, principal: CurrentPrincipal, page: Paged) -> UsersPublic:
    """List all users, newest first (administrators)."""
    users, count = await use_cases.list_(uow, principal, page)
    return UsersPublic(data=[UserPublic.model_validate(user) for user in users], count=count)


@router.get("/me", openapi_extra=access.ANY_LOGIN)
async def read_me(uow: Uow, principal: CurrentPrincipal, response: Response) -> UserPublic:
    """Read one's own user."""
    user = await use_cases.read_me(uow, principal)
    tag(response, user)
    return UserPublic.model_validate(user)


@router.patch("/me", openapi_extra=access.ANY_LOGIN)
async def update_me(
    body: UserUpdateMe, uow: Uow, principal: CurrentPrincipal, expected: IfMatch, response: Response
) -> UserPublic:
    """Change one's own name or address: the fields that are sent."""
    user = await use_cases.update_me(uow, principal, expected, body)
    tag(response, user)
    return UserPublic.model_validate(user)


@router.patch("/me/password", responses=TOO_MANY, openapi_extra=access.LOGIN_WITHOUT_KEY)
async def change_password(
    body: PasswordChange,
    uow: Uow,
    units: CurrentUnits,
    passwords: CurrentPasswords,
    settings: CurrentSettings,
    principal: CurrentPrincipal,
    expected: IfMatch,
    address: ClientAddress,
    response: Response,
) -> AccessToken:
    """Change one's password. Other sessions end, and this one goes on with the token in the answer."""

    def attempts(account: str) -> Attempts:
        return Attempts.of(settings.throttle, account, address)

    user = await use_cases.change_password(uow, passwords, principal, attempts, units, expected, body)
    tag(response, user)
    return await renew(uow, user.id, require_login(principal), settings.lifetimes)


@router.get("/{id}", openapi_extra=access.SUPERUSERS)
async def read_user(
    id: UUID,  # noqa: A002 - the contract's name
    uow: Uow,
    principal: CurrentPrincipal,
    response: Response,
) -> UserPublic:
    """Read one user (administrators)."""
    user = await use_cases.read(uow, principal, id)
    tag(response, user)
    return UserPublic.model_validate(user)


@router.patch("/{id}", openapi_extra=access.SUPERUSERS)
async def update_user(
    id: UUID,  # noqa: A002
    body: UserUpdate,
    uow: Uow,
    passwords: CurrentPasswords,
    principal: CurrentPrincipal,
    expected: IfMatch,
    response: Response,
) -> UserPublic:
    """Change the fields that are sent (administrators)."""
    user = await use_cases.update(uow, passwords, principal, id, expected, body)
    tag(response, user)
    return UserPublic.model_validate(user)


@router.delete("/{id}", openapi_extra=access.SUPERUSERS)
async def deactivate_user(
    id: UUID,  # noqa: A002
    uow: Uow,
    principal: CurrentPrincipal,
    expected: IfMatch,
) -> Message:
    """Let a user sign in no more (administrators); what they own stays."""
    await use_cases.deactivate(uow, principal, id, expected)
    return Message(message="User deactivated.")
