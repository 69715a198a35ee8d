"""Every select of shot types."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, text

from atelier.catalog.shot_types.models import ShotType
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Scope
from atelier.runtime.http.pages import Page
from atelier.runtime.unit_of_work import UnitOfWork

ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('standard shot types', 0))")


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed or widened to; None doesn't ask."""

    view_angle: str | None = None
    framing: str | None = None
    search: str | None = None
    public: bool | None = None
    include_public: bool | None = None


async def get(uow: UnitOfWork, id_: UUID) -> ShotType | None:
    """The shot type, deleted or not."""
    return await uow.one_or_none(select(ShotType).where(ShotType.id == id_))


async def find(uow: UnitOfWork, ids: Collection[UUID]) -> Sequence[ShotType]:
    """Those of these that exist, deleted or not."""
    return await uow.all(select(ShotType).where(ShotType.id.in_(ids)))


async def named(uow: UnitOfWork, principal: Principal, scope: Scope, name: str) -> ShotType | None:
    """The living one of that name: of the scope before a public one, among these the oldest."""
    within = scope.criterion(principal, ShotType)
    statement = select(ShotType).where(
        ShotType.name == name, ShotType.deleted_at.is_(None), or_(within, ShotType.public)
    )
    nearest_first = statement.order_by(within.desc().nulls_last(), ShotType.created_at, ShotType.id)
    return await uow.one_or_none(nearest_first.limit(1))


async def page(
    uow: UnitOfWork, principal: Principal, scope: Scope, filters: Filters, page: Page
) -> tuple[Sequence[ShotType], int]:
    """Living ones that match, newest first, and how many there are in all."""
    matching = [ShotType.deleted_at.is_(None), _asked_for(principal, scope, filters), *_narrowed(filters)]
    newest_first = select(ShotType).where(*matching).order_by(ShotType.created_at.desc(), ShotType.id.desc())
    shot_types = await uow.all(newest_first.offset(page.skip).limit(page.limit))
    count = await uow.one_or_none(select(func.count()).select_from(ShotType).where(*matching))
    return shot_types, count or 0


async def missing(uow: UnitOfWork, ids: Collection[UUID]) -> set[UUID]:
    """Those of these that no row has yet; whoever else asks waits until this transaction ends."""
    await uow.execute(ONE_AT_A_TIME)
    return set(ids) - set(await uow.all(select(ShotType.id).where(ShotType.id.in_(ids))))


def _asked_for(principal: Principal, scope: Scope, filters: Filters) -> ColumnElement[bool]:
    """The scope's; with an owner, or where public ones are asked for, these too, whoever's they are."""
    within = scope.criterion(principal, ShotType)
    widened = filters.include_public or filters.public or scope.owner_id is not None
    return or_(within, ShotType.public) if widened else within


def _narrowed(filters: Filters) -> list[ColumnElement[bool]]:
    narrowed = []
    if filters.view_angle is not None:
        narrowed.append(ShotType.view_angle == filters.view_angle)
    if filters.framing is not None:
        narrowed.append(ShotType.framing == filters.framing)
    if filters.public is not None:
        narrowed.append(ShotType.public.is_(filters.public))
    if filters.search:
        narrowed.append(ShotType.name.icontains(filters.search, autoescape=True))
    return narrowed
