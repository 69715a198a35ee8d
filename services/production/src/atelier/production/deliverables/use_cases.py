"""What others may ask of deliverables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from atelier.contracts.deliverables import Deliverable, Deliverables
from atelier.contracts.products import ProductState
from atelier.contracts.shot_types import ShotTypeState
from atelier.contracts.subjects import SubjectState
from atelier.production.deliverables import repository
from atelier.production.deliverables.repository import DeliverableFilter, DeliverableRow
from atelier.production.looks.answers import full_name
from atelier.runtime.auth import Principal
from atelier.runtime.references import References
from atelier.runtime.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class _Told:
    """What catalog said last of what shots refer to."""

    products: Mapping[UUID, ProductState]
    shot_types: Mapping[UUID, ShotTypeState]
    subjects: Mapping[UUID, SubjectState]


async def page(
    uow: UnitOfWork,
    references: References,
    principal: Principal,
    narrowed: DeliverableFilter,
    after: UUID | None,
    limit: int,
) -> Deliverables:
    """The next shots after an id that the principal may see and that match, and where to go on."""
    rows = await repository.page(uow, principal, narrowed, after, limit + 1)
    shown, more = rows[:limit], len(rows) > limit
    told = _Told(
        products=await references.shown(ProductState, {row.product_id for row in shown}, uow),
        shot_types=await references.shown(ShotTypeState, {row.shot_type_id for row in shown}, uow),
        subjects=await references.shown(SubjectState, {row.subject_id for row in shown}, uow),
    )
    data = tuple(_deliverable(row, told) for row in shown)
    return Deliverables(data=data, next_after=shown[-1].shot_id if more else None)


def _deliverable(row: DeliverableRow, told: _Told) -> Deliverable:
    """A whole row's columns are the fields of the same names."""
    names = [name for name in Deliverable.model_fields if hasattr(row, name)]
    return Deliverable.model_validate(
        {name: getattr(row, name) for name in names}
        | {
            "product": told.products.get(row.product_id),
            "shot_type": told.shot_types.get(row.shot_type_id),
            "subject_name": full_name(told.subjects.get(row.subject_id)),
        }
    )
