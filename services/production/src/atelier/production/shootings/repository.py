"""Every select of shootings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select

from atelier.production.shootings.models import Shooting
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Scope
from atelier.runtime.http.pages import Page
from atelier.runtime.unit_of_work import UnitOfWork


async def get(uow: UnitOfWork, id_: UUID) -> Shooting | None:
    """The shooting."""
    return await uow.one_or_none(select(Shooting).where(Shooting.id == id_))


async def lock(uow: UnitOfWork, id_: UUID) -> Shooting | None:
    """The shooting, for changing: nobody else changes it until the commit."""
    return await uow.one_or_none(select(Shooting).where(Shooting.id == id_).with_for_update())


async def page(
    uow: UnitOfWork, scope: Scope, principal: Principal, statuses: Collection[str], page: Page
) -> tuple[Sequence[Shooting], int]:
    """Shootings of the scope in one of the statuses (none: in any), newest first, and their number in all."""
    matching = [scope.criterion(principal, Shooting)]
    if statuses:
        matching.append(Shooting.status.in_(statuses))
    newest_first = select(Shooting).where(*matching).order_by(Shooting.created_at.desc(), Shooting.id.desc())
    shootings = await uow.all(newest_first.offset(page.skip).limit(page.limit))
    count = await uow.one_or_none(select(func.count()).select_from(Shooting).where(*matching))
    return shootings, count or 0
