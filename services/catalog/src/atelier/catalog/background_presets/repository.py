"""Every select of background presets."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from atelier.catalog.background_presets.models import BackgroundPreset
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Scope
from atelier.runtime.http.pages import Page
from atelier.runtime.unit_of_work import UnitOfWork


async def get(uow: UnitOfWork, id_: UUID) -> BackgroundPreset | None:
    """The preset, deleted or not."""
    return await uow.one_or_none(select(BackgroundPreset).where(BackgroundPreset.id == id_))


async def page(
    uow: UnitOfWork, scope: Scope, principal: Principal, page: Page
) -> tuple[Sequence[BackgroundPreset], int]:
    """Living presets of the scope, newest first, and how many there are in all."""
    matching = (BackgroundPreset.deleted_at.is_(None), scope.criterion(principal, BackgroundPreset))
    statement = select(BackgroundPreset).where(*matching)
    newest_first = statement.order_by(BackgroundPreset.created_at.desc(), BackgroundPreset.id.desc())
    presets = await uow.all(newest_first.offset(page.skip).limit(page.limit))
    count = await uow.one_or_none(select(func.count()).select_from(BackgroundPreset).where(*matching))
    return presets, count or 0
