"""Every select of deliverables."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, and_, select

from atelier.contracts.enums import ShotRevisionStatus, ShotStatus
from atelier.production.policy import visible_to
from atelier.production.shootings.models import Shooting
from atelier.production.shots.models import Media, Revision, RevisionImage, Shot
from atelier.runtime.auth import Principal
from atelier.runtime.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class DeliverableFilter:
    """Which shots are meant: all that match what is given; no ids narrow nothing.

    An organization's, or an owner's personal ones; both of it: the organization's. `approved` are
    those whose current revision is, with its picture.
    """

    shot_ids: Collection[UUID] = ()
    product_ids: Collection[UUID] = ()
    look_id: UUID | None = None
    shooting_id: UUID | None = None
    owner_id: UUID | None = None
    organization_id: UUID | None = None
    approved: bool = False

    def criteria(self) -> list[ColumnElement[bool]]:
        """The filter for a WHERE over shots and their current revision."""
        criteria = self._of_tenant()
        if self.shot_ids:
            criteria.append(Shot.id.in_(list(self.shot_ids)))
        if self.product_ids:
            criteria.append(Shot.product_id.in_(list(self.product_ids)))
        if self.look_id is not None:
            criteria.append(Shot.look_id == self.look_id)
        if self.shooting_id is not None:
            criteria.append(Shot.shooting_id == self.shooting_id)
        if self.approved:
            criteria.append(Shot.status == ShotStatus.APPROVED)
            criteria.append(Revision.shot_revision_status == ShotRevisionStatus.APPROVED)
            criteria.append(RevisionImage.id.is_not(None))
        return criteria

    def _of_tenant(self) -> list[ColumnElement[bool]]:
        if self.organization_id is not None:
            return [Shot.organization_id == self.organization_id]
        if self.owner_id is not None:
            return [and_(Shot.organization_id.is_(None), Shot.owner_id == self.owner_id)]
        return []


class DeliverableRow(Protocol):
    """A shot's columns, with those of its shooting and of its current revision."""

    shot_id: UUID
    look_id: UUID
    shooting_id: UUID
    shooting_name: str
    owner_id: UUID
    organization_id: UUID | None
    status: str
    product_id: UUID
    subject_id: UUID
    shot_type_id: UUID
    revision_id: UUID | None
    revision_version: int | None
    image: Media | None


async def page(
    uow: UnitOfWork, principal: Principal, narrowed: DeliverableFilter, after: UUID | None, limit: int
) -> Sequence[DeliverableRow]:
    """The next shots by id that the principal may see and that match."""
    statement = (
        select(
            Shot.id.label("shot_id"),
            *(Shot.look_id, Shot.shooting_id, Shot.owner_id, Shot.organization_id, Shot.status),
            *(Shot.product_id, Shot.subject_id, Shot.shot_type_id),
            Shooting.name.label("shooting_name"),
            Revision.id.label("revision_id"),
            Revision.version.label("revision_version"),
            RevisionImage.image,
        )
        .join(Shooting, Shooting.id == Shot.shooting_id)
        .outerjoin(Revision, Revision.id == Shot.current_revision_id)
        .outerjoin(RevisionImage, and_(RevisionImage.revision_id == Revision.id, RevisionImage.position == 0))
        .where(visible_to(principal, Shot), *narrowed.criteria())
    )
    if after is not None:
        statement = statement.where(Shot.id > after)
    rows: Sequence[DeliverableRow] = (await uow.execute(statement.order_by(Shot.id).limit(limit))).all()
    return rows
