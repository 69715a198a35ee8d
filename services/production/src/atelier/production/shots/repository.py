"""Every select of shots and their revisions."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, any_, func, literal, literal_column, select
from sqlalchemy.orm import QueryableAttribute, selectinload

from atelier.contracts.enums import ShotStatus
from atelier.contracts.shot_types import ShotTypeState
from atelier.production.shots.models import Revision, RevisionImage, Shot
from atelier.runtime.http.pages import Page
from atelier.runtime.tables import ReplicaRow
from atelier.runtime.unit_of_work import UnitOfWork

ShownKey = QueryableAttribute[UUID]
"""`Shot.id`, `Shot.look_id` or `Revision.id`."""
WITH_REVISIONS = selectinload(Shot.revisions).selectinload(Revision.images)
"""What a shot's state needs loaded beside its row."""
SHOWN = (
    select(
        Shot.id,
        Shot.look_id,
        Shot.shot_type_id,
        literal_column("shots.shown").label("shot"),
        Revision.id.label("revision_id"),
        Revision.owner_id,
        literal_column("shot_revisions.shown").label("revision"),
        literal_column("shot_revision_images.shown").label("image"),
        RevisionImage.image["key"].astext.label("image_key"),
    )
    .select_from(Shot)
    .outerjoin(Revision, Revision.shot_id == Shot.id)
    .outerjoin(RevisionImage, RevisionImage.revision_id == Revision.id)
    .order_by(Shot.id, Revision.version, RevisionImage.position)
)
"""A row for each image, for each revision without one, and for each shot without revisions.

The generated columns `shown` (migration `production_0004`) are what clients see of a row itself: the members
of a JSON object, without its braces. Shots come in the order of their planning, revisions oldest first; one
statement reads all, so that no shot is shown with revisions of another moment.
"""


@dataclass(frozen=True, kw_only=True)
class ShotFilter:
    """What a list is narrowed to; None narrows nothing. `shot_type` is an id or a name."""

    product_id: UUID | None = None
    shooting_id: UUID | None = None
    look_id: UUID | None = None
    shot_type: UUID | str | None = None
    status: ShotStatus | None = None
    has_generations: bool | None = None

    def criteria(self) -> list[ColumnElement[bool]]:
        """What all shown shots match."""
        columns = {
            Shot.product_id: self.product_id,
            Shot.shooting_id: self.shooting_id,
            Shot.look_id: self.look_id,
            Shot.status: self.status,
        }
        matching = [column == value for column, value in columns.items() if value is not None]
        if self.has_generations is not None:
            matching.append((Shot.generations_requested > 0) == self.has_generations)
        if isinstance(self.shot_type, UUID):
            matching.append(Shot.shot_type_id == self.shot_type)
        elif self.shot_type is not None:
            matching.append(Shot.shot_type_id.in_(_shot_types_named(self.shot_type)))
        return matching


def _shot_types_named(name: str) -> Select[UUID]:
    of_kind = select(ReplicaRow.id).where(ReplicaRow.kind == ShotTypeState.kind)
    return of_kind.where(ReplicaRow.state["name"].astext == name)


async def get(uow: UnitOfWork, id_: UUID) -> Shot | None:
    """The shot, without its revisions."""
    return await uow.one_or_none(select(Shot).where(Shot.id == id_))


async def get_with_revisions(uow: UnitOfWork, id_: UUID) -> Shot | None:
    """The shot with its revisions."""
    return await uow.one_or_none(select(Shot).where(Shot.id == id_).options(WITH_REVISIONS))


async def get_of_revision(uow: UnitOfWork, revision_id: UUID) -> Shot | None:
    """The shot that has this revision, without any of them."""
    statement = select(Shot).join(Revision, Revision.shot_id == Shot.id)
    return await uow.one_or_none(statement.where(Revision.id == revision_id))


async def lock(uow: UnitOfWork, id_: UUID) -> Shot | None:
    """The shot for changing, with its revisions as they are once the lock is had."""
    statement = select(Shot).where(Shot.id == id_).options(WITH_REVISIONS)
    return await uow.one_or_none(statement.with_for_update(of=Shot).execution_options(populate_existing=True))


async def of_looks(uow: UnitOfWork, look_ids: Collection[UUID]) -> Sequence[Shot]:
    """The shots of these looks by id, the order of their planning, without their revisions."""
    return await uow.all(select(Shot).where(Shot.look_id == _any_of(look_ids)).order_by(Shot.id))


async def lock_of_looks(uow: UnitOfWork, look_ids: Collection[UUID]) -> Sequence[Shot]:
    """The shots of these looks for changing, by id, with their revisions."""
    statement = select(Shot).where(Shot.look_id == _any_of(look_ids)).options(WITH_REVISIONS)
    return await uow.all(statement.order_by(Shot.id).with_for_update(of=Shot))


async def page(
    uow: UnitOfWork, visible: ColumnElement[bool], narrowed: ShotFilter, page: Page
) -> tuple[Sequence[Shot], int]:
    """Visible shots that match, newest first, without their revisions, and their number in all."""
    matching = [visible, *narrowed.criteria()]
    newest_first = select(Shot).where(*matching).order_by(Shot.created_at.desc(), Shot.id.desc())
    shots = await uow.all(newest_first.offset(page.skip).limit(page.limit))
    count = await uow.one_or_none(select(func.count()).select_from(Shot).where(*matching))
    return shots, count or 0


async def shown(uow: UnitOfWork, by: ShownKey, ids: Collection[UUID]) -> Sequence[Any]:
    """`SHOWN` of these shots, or of this revision."""
    return (await uow.execute(SHOWN.where(by == _any_of(ids)))).all()


def _any_of(ids: Iterable[UUID]) -> Any:
    """One of these, however many: as an array they are a single argument."""
    return any_(literal(list(ids), ARRAY(Uuid)))
