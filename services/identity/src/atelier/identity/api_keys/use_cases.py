"""What can be done with API keys."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from atelier.identity.api_keys import repository
from atelier.identity.api_keys.models import ApiKey
from atelier.identity.api_keys.schemas import ApiKeyCreate
from atelier.identity.organizations import use_cases as organizations
from atelier.identity.policy import caller, require_login
from atelier.identity.secret_tokens import API_KEY, digest_of, new_secret
from atelier.identity.users import use_cases as users
from atelier.runtime.auth import Principal
from atelier.runtime.clock import new_id
from atelier.runtime.errors import ConflictError, InvalidError, NotFoundError
from atelier.runtime.http.pages import Page
from atelier.runtime.unit_of_work import UnitOfWork

WHAT = "API key"
MOST = 50
"""Keys that a user may have, expired ones among them."""
SHOWN = 12
"""Characters of a key that stay visible: the kind and 48 of its 256 bits."""


async def create(uow: UnitOfWork, principal: Principal, body: ApiKeyCreate) -> tuple[ApiKey, str]:
    """A new key and its secret, which nobody can read again; only for who logged in."""
    require_login(principal)
    user = await users.lock_active(uow, caller(principal))
    if body.expires_at is not None and body.expires_at <= uow.now:
        raise InvalidError.field("body", "expires_at", msg="This time has passed already.")
    if body.organization_id is not None:
        await _require_member(uow, user.id, body.organization_id)
    if await repository.count_of(uow, user.id) >= MOST:
        raise ConflictError(f"You have {MOST} API keys already; delete one first.")
    secret = new_secret(API_KEY)
    key = _key(uow, user.id, body, secret)
    uow.add(key)
    return key, secret


async def list_(uow: UnitOfWork, principal: Principal, page: Page) -> tuple[Sequence[ApiKey], int]:
    """A page of the caller's keys, newest first, and their number; a confined key sees its organization's."""
    return await repository.page_of_user(uow, caller(principal), page, principal.confined_to)


async def delete(uow: UnitOfWork, principal: Principal, id_: UUID) -> None:
    """Make a key worthless, within seconds everywhere; only for who logged in."""
    require_login(principal)
    key = await repository.get(uow, id_, caller(principal))
    if key is None:
        raise NotFoundError.of(WHAT)
    await uow.delete(key)


async def used(uow: UnitOfWork, digest: bytes) -> ApiKey:
    """The key with that digest, noted as used now; raises `NotFoundError` for an unknown or expired one."""
    key = await repository.with_digest(uow, digest)
    if key is None or (key.expires_at is not None and key.expires_at <= uow.now):
        raise NotFoundError.of(WHAT)
    await repository.note_use(uow, key.id)
    return key


async def _require_member(uow: UnitOfWork, user_id: UUID, organization_id: UUID) -> None:
    if organization_id not in await organizations.roles_of(uow, user_id):
        raise InvalidError.unknown("body", "organization_id")


def _key(uow: UnitOfWork, user_id: UUID, body: ApiKeyCreate, secret: str) -> ApiKey:
    return ApiKey(
        id=new_id(),
        user_id=user_id,
        organization_id=body.organization_id,
        created_at=uow.now,
        name=body.name,
        prefix=secret[:SHOWN],
        digest=digest_of(secret),
        may_read="read" in body.scopes,
        may_write="write" in body.scopes,
        expires_at=body.expires_at,
    )
