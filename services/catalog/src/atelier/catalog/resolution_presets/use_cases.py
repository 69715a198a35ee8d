"""What can be done with resolution presets."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from atelier.catalog.resolution_presets import repository
from atelier.catalog.resolution_presets.models import ResolutionPreset
from atelier.catalog.resolution_presets.schemas import ResolutionPresetCreate, ResolutionPresetUpdate
from atelier.contracts.resolution_presets import (
    ResolutionPresetCreated,
    ResolutionPresetDeleted,
    ResolutionPresetRestored,
    ResolutionPresetUpdated,
)
from atelier.runtime import tenancy
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Action, Scope, admit, require_visible
from atelier.runtime.clock import new_id
from atelier.runtime.entities import change
from atelier.runtime.errors import ConflictError, NotFoundError
from atelier.runtime.http.pages import Page
from atelier.runtime.http.versions import Expected
from atelier.runtime.references import References
from atelier.runtime.unit_of_work import UnitOfWork

WHAT = "Resolution preset"
CHANGEABLE = ("name", "width", "height")


async def create(
    uow: UnitOfWork,
    references: References,
    principal: Principal,
    organization_id: UUID | None,
    body: ResolutionPresetCreate,
) -> ResolutionPreset:
    """Create a preset, personal or of an organization in which the caller may create."""
    sent = body.sent()
    await tenancy.verify(uow, references, principal, tenancy.named(organization_id, sent))
    ownership = tenancy.place(principal, organization_id, sent)
    assert ownership.owner_id is not None, "a user asks"
    preset = ResolutionPreset(
        id=new_id(),
        created_at=uow.now,
        updated_at=uow.now,
        owner_id=ownership.owner_id,
        organization_id=ownership.organization_id,
        name=body.name,
        width=body.width,
        height=body.height,
    )
    uow.add(preset)
    uow.emit(preset, ResolutionPresetCreated)
    return preset


async def read(
    uow: UnitOfWork, principal: Principal, id_: UUID, organization_id: UUID | None
) -> ResolutionPreset:
    """A living preset that the caller may read."""
    preset = _living(await repository.get(uow, id_))
    return require_visible(principal, preset, WHAT, organization_id)


async def list_(
    uow: UnitOfWork, principal: Principal, scope: Scope, page: Page
) -> tuple[Sequence[ResolutionPreset], int]:
    """A page of the scope's presets, newest first, and their number in all."""
    return await repository.page(uow, scope, principal, page)


async def update(
    uow: UnitOfWork,
    references: References,
    principal: Principal,
    id_: UUID,
    organization_id: UUID | None,
    expected: Expected,
    body: ResolutionPresetUpdate,
) -> ResolutionPreset:
    """Change what is sent; a change of nothing is none, without a new version."""
    sent = body.sent()
    tenancy.same_organization(organization_id, sent)
    await tenancy.verify(uow, references, principal, sent)
    preset = await _locked(uow, principal, id_, organization_id, Action.WRITE, expected)
    ownership = tenancy.move(principal, preset, sent)
    changes = {name: sent[name] for name in CHANGEABLE if sent.get(name) is not None}
    changes |= {"owner_id": ownership.owner_id, "organization_id": ownership.organization_id}
    if change(preset, changes):
        uow.emit(preset, ResolutionPresetUpdated)
    return preset


async def delete(
    uow: UnitOfWork, principal: Principal, id_: UUID, organization_id: UUID | None, expected: Expected
) -> None:
    """Take a preset out of use; its row stays."""
    preset = await _locked(uow, principal, id_, organization_id, Action.DELETE, expected)
    preset.deleted_at = uow.now
    uow.emit(preset, ResolutionPresetDeleted)


async def restore(uow: UnitOfWork, principal: Principal, id_: UUID, expected: Expected) -> ResolutionPreset:
    """Bring a deleted preset back; administrators only."""
    preset = admit(principal, Action.ADMINISTER, await repository.lock(uow, id_), WHAT)
    expected.require(preset)
    if preset.deleted_at is None:
        raise ConflictError("This resolution preset isn't deleted.")
    preset.deleted_at = None
    uow.emit(preset, ResolutionPresetRestored)
    return preset


async def _locked(
    uow: UnitOfWork,
    principal: Principal,
    id_: UUID,
    organization_id: UUID | None,
    action: Action,
    expected: Expected,
) -> ResolutionPreset:
    preset = admit(principal, action, _living(await repository.lock(uow, id_)), WHAT, organization_id)
    expected.require(preset)
    return preset


def _living(preset: ResolutionPreset | None) -> ResolutionPreset:
    if preset is None or preset.deleted_at is not None:
        raise NotFoundError.of(WHAT)
    return preset
