"""Every select and update of API keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, or_, select, update

from atelier.identity.api_keys.models import ApiKey
from atelier.runtime.http.pages import Page
from atelier.runtime.unit_of_work import UnitOfWork

NOTED_EVERY = timedelta(minutes=1)


async def get(uow: UnitOfWork, id_: UUID, user_id: UUID) -> ApiKey | None:
    """That key, if it is that user's."""
    return await uow.one_or_none(select(ApiKey).where(ApiKey.id == id_, ApiKey.user_id == user_id))


async def with_digest(uow: UnitOfWork, digest: bytes) -> ApiKey | None:
    """The key with that digest, expired or not."""
    return await uow.one_or_none(select(ApiKey).where(ApiKey.digest == digest))


async def page_of_user(
    uow: UnitOfWork, user_id: UUID, page: Page, organization_id: UUID | None
) -> tuple[Sequence[ApiKey], int]:
    """A user's keys, newest first, and how many there are; only an organization's, where one is named."""
    whose = ApiKey.user_id == user_id
    if organization_id is not None:
        whose &= ApiKey.organization_id == organization_id
    newest_first = select(ApiKey).where(whose).order_by(ApiKey.created_at.desc(), ApiKey.id.desc())
    keys = await uow.all(newest_first.offset(page.skip).limit(page.limit))
    return keys, await uow.one_or_none(select(func.count()).select_from(ApiKey).where(whose)) or 0


async def count_of(uow: UnitOfWork, user_id: UUID) -> int:
    """How many keys a user has."""
    count = select(func.count()).select_from(ApiKey).where(ApiKey.user_id == user_id)
    return await uow.one_or_none(count) or 0


async def note_use(uow: UnitOfWork, id_: UUID) -> None:
    """It is used now; nothing is written where that is known for the last minute."""
    stale = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < uow.now - NOTED_EVERY)
    await uow.execute(update(ApiKey).where(ApiKey.id == id_, stale).values(last_used_at=uow.now))
