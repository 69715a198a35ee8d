"""HTTP to use case, for API keys."""

from __future__ import annotations

from uuid import UUID

from atelier.contracts.public.messages import Message
from atelier.identity.api_keys import use_cases
from atelier.identity.api_keys.schemas import ApiKeyCreate, ApiKeyCreated, ApiKeyPublic, ApiKeysPublic
from atelier.runtime.http import access
from atelier.runtime.http.app import api_router
from atelier.runtime.http.pages import Paged
from atelier.runtime.http.route import CurrentPrincipal, Uow

router = api_router("/users/me/api-keys", "api keys")


@router.post("/", status_code=201, openapi_extra=access.LOGIN_WITHOUT_KEY)
async def create_api_key(body: ApiKeyCreate, uow: Uow, principal: CurrentPrincipal) -> ApiKeyCreated:
    """Make a key for a machine to sign in with. The secret is in this answer and nowhere else."""
    uow.shown_once = ("key",)
    key, secret = await use_cases.create(uow, principal, body)
    return ApiKeyCreated.of(key, secret)


@router.get("/", openapi_extra=access.ANY_LOGIN)
async def list_api_keys(uow: Uow, principal: CurrentPrincipal, page: Paged) -> ApiKeysPublic:
    """List one's own keys, newest first, without their secrets."""
    keys, count = await use_cases.list_(uow, principal, page)
    return ApiKeysPublic(data=[ApiKeyPublic.model_validate(key) for key in keys], count=count)


@router.delete("/{id}", openapi_extra=access.LOGIN_WITHOUT_KEY)
async def delete_api_key(
    id: UUID,  # noqa: A002 - as everywhere
    uow: Uow,
    principal: CurrentPrincipal,
) -> Message:
    """Delete one of one's own keys; it is refused within seconds."""
    await use_cases.delete(uow, principal, id)
    return Message(message="API key deleted.")
