"""Bodies and answers of the API keys' operations."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from atelier.contracts.public.model import PublicModel
from atelier.contracts.types import UtcDatetime
from atelier.identity.api_keys.models import ApiKey, ApiKeyScope
from atelier.runtime.http.bodies import RequestBody


def _distinct(scopes: list[ApiKeyScope]) -> list[ApiKeyScope]:
    return sorted(set(scopes))


def _utc(time: datetime) -> datetime:
    return time.astimezone(UTC)


class ApiKeyCreate(RequestBody):
    """A new key: `read` is for GET, `write` for everything else.

    With `organization_id` it is for that organization alone, and nothing personal.
    """

    name: Annotated[str, Field(min_length=1, max_length=100)]
    scopes: Annotated[list[ApiKeyScope], Field(min_length=1, max_length=2), AfterValidator(_distinct)]
    expires_at: Annotated[AwareDatetime, AfterValidator(_utc)] | None = None
    organization_id: UUID | None = None


class ApiKeyPublic(PublicModel):
    """A key without its secret; `prefix` is what the secret begins with."""

    id: UUID
    name: str
    prefix: str
    scopes: list[ApiKeyScope]
    organization_id: UUID | None = None
    created_at: UtcDatetime
    expires_at: UtcDatetime | None = None
    last_used_at: UtcDatetime | None = None


class ApiKeyCreated(ApiKeyPublic):
    """A new key. `key` is shown in this answer only; a repeated request is answered with null there."""

    key: str | None

    @classmethod
    def of(cls, made: ApiKey, secret: str) -> Self:
        """The key with its secret."""
        return cls(**ApiKeyPublic.model_validate(made).model_dump(), key=secret)


class ApiKeysPublic(BaseModel):
    """A page of keys; `count` is of all."""

    data: list[ApiKeyPublic]
    count: int
