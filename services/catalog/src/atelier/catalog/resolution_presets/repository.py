"""Every select of resolution presets."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from atelier.catalog.resolution_presets.models import ResolutionPreset
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Scope
from atelier.runtime.http.pages import Page
from atelier.runtime.unit_of_work import UnitOfWork


async def get(uow: UnitOfWork, id_: UUID) -> ResolutionPreset | None:
    """The preset, deleted or not."""
    return await uow.one_or_none(select(ResolutionPreset).where(ResolutionPreset.id == id_))


async def lock(uow: UnitOfWork, id_: UUID) -> ResolutionPreset | None:
    """The preset, deleted or not, for changing: nobody else changes it until the commit."""
    return await uow.one_or_none(select(ResolutionPreset).where(ResolutionPreset.id == id_).with_for_update())


async def page(
    uow: UnitOfWork, scope: Scope, principal: Principal, page: Page
) -> tuple[Sequence[ResolutionPreset], int]:
    """Living presets of the scope, newest first, and how many there are in all."""
    matching = (ResolutionPreset.deleted_at.is_(None), scope.criterion(principal, ResolutionPreset))
    statement = select(ResolutionPreset).where(*matching)
    newest_first = statement.order_by(ResolutionPreset.created_at.desc(), ResolutionPreset.id.desc())
    presets = await uow.all(newest_first.offset(page.skip).limit(page.limit))
    count = await uow.one_or_none(select(func.count()).select_from(ResolutionPreset).where(*matching))
    return presets, count or 0
