"""Every select of looks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, false, func, or_, select
from sqlalchemy.orm import selectinload

from atelier.contracts.enums import ShotStatusFilter
from atelier.contracts.products import ProductState
from atelier.production.looks.models import Look
from atelier.production.progress import progress_of
from atelier.runtime.http.pages import Page
from atelier.runtime.tables import ReplicaRow
from atelier.runtime.unit_of_work import UnitOfWork

WITH_OUTFIT = selectinload(Look.outfit)
"""What a look's state needs loaded beside its row."""
OWN_STATUS = frozenset({ShotStatusFilter.DRAFT, ShotStatusFilter.READY})


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What a list of looks is narrowed to; empty ones narrow nothing.

    Name and SKU match parts, the product type the whole, none minding case.
    """

    shot_statuses: Collection[ShotStatusFilter] = ()
    product_ids: Collection[UUID] = ()
    assignee_ids: Collection[UUID] = ()
    product_name: str | None = None
    product_sku: str | None = None
    product_type: str | None = None

    def criteria(self) -> list[ColumnElement[bool]]:
        """The filters for a WHERE."""
        criteria: list[ColumnElement[bool]] = []
        if self.shot_statuses:
            criteria.append(_in_one_of(self.shot_statuses))
        if self.product_ids:
            criteria.append(Look.product_id.in_(list(self.product_ids)))
        if self.assignee_ids:
            criteria.append(Look.assignee_id.in_(list(self.assignee_ids)))
        return criteria + self._of_the_product()

    def _of_the_product(self) -> list[ColumnElement[bool]]:
        """Filters on what the replica says of the product."""
        told = ReplicaRow.state
        wanted: list[ColumnElement[bool]] = []
        if self.product_name:
            wanted.append(told["name"].astext.icontains(self.product_name, autoescape=True))
        if self.product_sku:
            wanted.append(told["sku"].astext.icontains(self.product_sku, autoescape=True))
        if self.product_type:
            wanted.append(func.lower(told["product_type"].astext) == func.lower(self.product_type))
        if not wanted:
            return []
        return [
            exists().where(ReplicaRow.kind == ProductState.kind, ReplicaRow.id == Look.product_id, *wanted)
        ]


def _in_one_of(statuses: Collection[ShotStatusFilter]) -> ColumnElement[bool]:
    """DRAFT and READY are looks' own, WITHOUT_STATUS are those without shots, the rest by their shots."""
    own = [status.value for status in statuses if status in OWN_STATUS]
    without = ShotStatusFilter.WITHOUT_STATUS in statuses
    named = set(statuses) - OWN_STATUS - {ShotStatusFilter.WITHOUT_STATUS}
    return or_(
        Look.status.in_(own),
        Look.shot_progress.in_([progress_of(status.value) for status in named]),
        Look.shot_progress.is_(None) if without else false(),
    )


async def get(uow: UnitOfWork, id_: UUID) -> Look | None:
    """The look with its outfit."""
    return await uow.one_or_none(select(Look).where(Look.id == id_).options(WITH_OUTFIT))


async def lock(uow: UnitOfWork, id_: UUID) -> Look | None:
    """The look with its outfit, for changing; whoever calls this has locked its shooting."""
    return await uow.one_or_none(_locked(select(Look).where(Look.id == id_)))


async def lock_of_shootings(uow: UnitOfWork, shooting_ids: Collection[UUID]) -> Sequence[Look]:
    """The looks of locked shootings with their outfits, by id, for changing."""
    return await uow.all(_locked(select(Look).where(Look.shooting_id.in_(list(shooting_ids)))))


def _locked(statement: Select[Look]) -> Select[Look]:
    """For changing, as it is now rather than as this session may have read it before."""
    fresh = statement.options(WITH_OUTFIT).order_by(Look.id).execution_options(populate_existing=True)
    return fresh.with_for_update(of=Look)


async def of_shooting(uow: UnitOfWork, shooting_id: UUID) -> Sequence[Look]:
    """All looks of a shooting with their outfits, newest first."""
    return await uow.all(_newest_first(select(Look).where(Look.shooting_id == shooting_id)))


async def page(
    uow: UnitOfWork, shooting_id: UUID, filters: Filters, page: Page
) -> tuple[Sequence[Look], int]:
    """A page of a shooting's looks, newest first, and how many match in all."""
    matching = [Look.shooting_id == shooting_id, *filters.criteria()]
    newest_first = _newest_first(select(Look).where(*matching))
    looks = await uow.all(newest_first.offset(page.skip).limit(page.limit))
    count = await uow.one_or_none(select(func.count()).select_from(Look).where(*matching))
    return looks, count or 0


@dataclass(frozen=True)
class Counts:
    """How many different products looks have, and how many looks are how far."""

    products: int
    by_progress: Mapping[int, int]


async def count(uow: UnitOfWork, which: ColumnElement[bool]) -> Counts:
    """Counts over these looks."""
    products = await uow.one_or_none(select(func.count(Look.product_id.distinct())).where(which))
    by_progress = select(Look.progress, func.count()).where(which).group_by(Look.progress)
    rows = (await uow.execute(by_progress)).all()
    return Counts(products or 0, {row[0]: row[1] for row in rows})


def _newest_first(statement: Select[Look]) -> Select[Look]:
    return statement.options(WITH_OUTFIT).order_by(Look.created_at.desc(), Look.id.desc())
