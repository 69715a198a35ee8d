"""Every select of generations and predictions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from atelier.contracts.enums import GenerationStatus
from atelier.generation.generations.models import Generation, Gone, Prediction
from atelier.generation.policy import visible_to
from atelier.runtime.auth import Principal
from atelier.runtime.http.pages import Page
from atelier.runtime.unit_of_work import UnitOfWork


async def exists(uow: UnitOfWork, id_: UUID) -> bool:
    """Whether there is a generation of this id."""
    return await uow.one_or_none(select(Generation.id).where(Generation.id == id_)) is not None


async def lock_of_prediction(uow: UnitOfWork, prediction_id: UUID) -> Generation | None:
    """The generation of a prediction, for changing it and any of its predictions."""
    statement = select(Generation).join(Generation.predictions).where(Prediction.id == prediction_id)
    return await uow.one_or_none(statement.with_for_update(of=Generation))


async def lock_of_shot(
    uow: UnitOfWork, shot_id: UUID, statuses: Collection[str] = tuple(GenerationStatus)
) -> Sequence[Generation]:
    """A shot's generations in one of these statuses, for changing."""
    statement = select(Generation).where(Generation.shot_id == shot_id, Generation.status.in_(statuses))
    return await uow.all(statement.order_by(Generation.id).with_for_update())


async def lock_of_product(uow: UnitOfWork, product_id: UUID, limit: int) -> Sequence[Generation]:
    """The next of a product's generations, for changing."""
    statement = select(Generation).where(Generation.product_id == product_id)
    return await uow.all(statement.order_by(Generation.id).limit(limit).with_for_update())


async def of_product(
    uow: UnitOfWork, product_id: UUID, organization_id: UUID | None, principal: Principal, page: Page
) -> Sequence[Generation]:
    """The generations of a product that the caller may read, newest first; of one organization if named."""
    statement = select(Generation).where(
        Generation.product_id == product_id, visible_to(principal, Generation)
    )
    if organization_id is not None:
        statement = statement.where(Generation.organization_id == organization_id)
    newest_first = statement.order_by(Generation.created_at.desc(), Generation.id.desc())
    return await uow.all(newest_first.offset(page.skip).limit(page.limit))


async def hold(uow: UnitOfWork, *ids: UUID) -> None:
    """Wait for, and keep out, others that make something for one of these or tell of its end."""
    for id_ in sorted(ids):
        await uow.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(literal(str(id_)), 0))))


async def any_gone(uow: UnitOfWork, ids: Collection[UUID]) -> bool:
    """Whether one of these shots and products was deleted."""
    return bool(await uow.all(select(Gone.id).where(Gone.id.in_(ids))))


async def mark_gone(uow: UnitOfWork, id_: UUID) -> None:
    """Remember the end of a shot or product."""
    statement = insert(Gone).values(id=id_, deleted_at=uow.now)
    await uow.execute(statement.on_conflict_do_nothing())


def predictions_visible_to(principal: Principal) -> ColumnElement[bool]:
    """Predictions of those generations that the principal may read."""
    return Prediction.generation.has(visible_to(principal, Generation))
