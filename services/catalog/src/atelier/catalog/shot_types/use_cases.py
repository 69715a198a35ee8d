"""What can be done with shot types."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from atelier.catalog.policy import require_visible
from atelier.catalog.shot_types import repository
from atelier.catalog.shot_types.models import ShotType
from atelier.catalog.shot_types.repository import Filters
from atelier.catalog.shot_types.standard import STANDARD, Standard
from atelier.contracts.shot_types import ShotTypeCreated
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Ownership, Scope
from atelier.runtime.errors import NotFoundError
from atelier.runtime.http.pages import Page
from atelier.runtime.references import may_refer
from atelier.runtime.unit_of_work import UnitOfWork

WHAT = "Shot type"


async def read(uow: UnitOfWork, principal: Principal, id_: UUID, organization_id: UUID | None) -> ShotType:
    """A living shot type that the caller may read."""
    shot_type = await repository.get(uow, id_)
    living = None if shot_type is None or shot_type.deleted_at is not None else shot_type
    return require_visible(principal, living, WHAT, organization_id)


async def read_named(
    uow: UnitOfWork, principal: Principal, name: str, organization_id: UUID | None
) -> ShotType:
    """The shot type of that name: the organization's, or the caller's own, before a public one."""
    shot_type = await repository.named(uow, principal, Scope(organization_id), name)
    if shot_type is None:
        raise NotFoundError.of(WHAT)
    return shot_type


async def list_(
    uow: UnitOfWork, principal: Principal, scope: Scope, filters: Filters, page: Page
) -> tuple[Sequence[ShotType], int]:
    """A page of the shot types that match, newest first, and their number in all."""
    return await repository.page(uow, principal, scope, filters, page)


async def usable(uow: UnitOfWork, ownership: Ownership, ids: Collection[UUID]) -> dict[UUID, ShotType]:
    """Those of these that an entity of this owner or organization may refer to: its own and public ones."""
    found = await repository.find(uow, ids)
    return {shot_type.id: shot_type for shot_type in found if may_refer(ownership, shot_type.state())}


async def make_standard(uow: UnitOfWork) -> None:
    """Make those standard shot types that aren't there yet; what is there stays as it is."""
    missing = await repository.missing(uow, [standard.id for standard in STANDARD])
    for standard in STANDARD:
        if standard.id in missing:
            _make(uow, standard)


def _make(uow: UnitOfWork, standard: Standard) -> None:
    shot_type = ShotType(
        id=standard.id,
        created_at=uow.now,
        updated_at=uow.now,
        name=standard.name,
        view_angle=standard.view_angle,
        framing=standard.framing,
        shot_type_prompt_instruction=standard.instruction,
        file_naming_convention=standard.file_naming_convention,
        prompt=standard.prompt,
        core_focus=standard.core_focus,
        default_shot_type=standard.name,
    )
    uow.add(shot_type)
    uow.emit(shot_type, ShotTypeCreated)
