"""Every select and update of attachments."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, any_, delete, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from atelier.media.attachments.models import Attachment, Holder
from atelier.runtime.unit_of_work import UnitOfWork

AT_ONCE = 1000
"""Rows of one statement, well below what a statement takes as parameters."""


class Aggregate(NamedTuple):
    """Somebody's aggregate that may hold files."""

    kind: str
    id: UUID


class Use(NamedTuple):
    """A resource in a slot of an entity."""

    resource_id: UUID
    kind: str
    aggregate_id: UUID
    entity_type: str
    entity_id: UUID
    slot: str
    position: int | None


USE = tuple(getattr(Attachment, name) for name in Use._fields)


async def of_aggregate(uow: UnitOfWork, aggregate: Aggregate) -> Mapping[Use, int]:
    """The uses by an aggregate, confirmed or not, and the ids of their rows."""
    statement = select(Attachment.id, *USE).where(
        Attachment.kind == aggregate.kind, Attachment.aggregate_id == aggregate.id
    )
    return {Use(*row[1:]): row.id for row in await uow.execute(statement)}


async def add(uow: UnitOfWork, uses: Collection[Use], *, confirmed: bool) -> None:
    """Add these uses, or confirm those that are there; their aggregates are remembered as holders."""
    ordered = sorted(set(uses), key=repr)  # two at once wait for each other, never in a circle
    for start in range(0, len(ordered), AT_ONCE):
        await _add(uow, ordered[start : start + AT_ONCE], confirmed)


async def _add(uow: UnitOfWork, uses: Sequence[Use], confirmed: bool) -> None:
    rows = [use._asdict() | {"confirmed": confirmed, "created_at": uow.now} for use in uses]
    added = insert(Attachment).values(rows)
    if confirmed:
        again = added.on_conflict_do_update(
            constraint="uq_media_attachments_use",
            set_={"confirmed": True},
            where=Attachment.confirmed.is_(False),
        )
    else:
        again = added.on_conflict_do_nothing()
    await uow.execute(again)
    await _note_holders(uow, {(use.resource_id, use.kind, use.aggregate_id) for use in uses})


async def note_holder(uow: UnitOfWork, resource_ids: Collection[UUID], aggregate: Aggregate) -> None:
    """An aggregate may hold these locked resources, whether it says so or not."""
    await _note_holders(uow, {(id_, *aggregate) for id_ in resource_ids})


async def _note_holders(uow: UnitOfWork, holders: Collection[tuple[UUID, str, UUID]]) -> None:
    if holders:
        columns = ("resource_id", "kind", "aggregate_id")
        named = [dict(zip(columns, holder, strict=True)) for holder in sorted(holders)]
        await uow.execute(insert(Holder).values(named).on_conflict_do_nothing())


async def remove(uow: UnitOfWork, ids: Collection[int]) -> None:
    """Remove uses by the ids of their rows."""
    await uow.execute(delete(Attachment).where(Attachment.id == any_(literal(list(ids), ARRAY(BigInteger)))))


async def attached(uow: UnitOfWork, resource_ids: Collection[UUID]) -> set[UUID]:
    """Those of the resources that are attached to something."""
    statement = select(Attachment.resource_id).where(Attachment.resource_id.in_(resource_ids)).distinct()
    return set(await uow.all(statement))


async def holders(uow: UnitOfWork, resource_ids: Collection[UUID]) -> Sequence[tuple[UUID, Aggregate]]:
    """Who uses or once used these resources, with the resource."""
    statement = select(Holder.resource_id, Holder.kind, Holder.aggregate_id).where(
        Holder.resource_id.in_(resource_ids)
    )
    return [(row[0], Aggregate(row[1], row[2])) for row in await uow.execute(statement)]


async def unconfirmed(
    uow: UnitOfWork, longer_than: timedelta, after: Aggregate, limit: int
) -> Sequence[Aggregate]:
    """The next aggregates with uses that no event has confirmed for so long, in their order."""
    statement = (
        select(Attachment.kind, Attachment.aggregate_id)
        .where(
            Attachment.confirmed.is_(False),
            Attachment.created_at < func.now() - longer_than,
            tuple_(Attachment.kind, Attachment.aggregate_id) > tuple_(after.kind, after.id),
        )
        .distinct()
        .order_by(Attachment.kind, Attachment.aggregate_id)
        .limit(limit)
    )
    return [Aggregate(*row) for row in await uow.execute(statement)]
