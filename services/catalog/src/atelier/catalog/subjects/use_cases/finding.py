"""The subject that a command is about, if the caller may."""

from __future__ import annotations

from uuid import UUID

from atelier.catalog.policy import Action, admit, require_visible
from atelier.catalog.subjects import repository
from atelier.catalog.subjects.models import Subject
from atelier.runtime.auth import Principal
from atelier.runtime.http.versions import Expected
from atelier.runtime.unit_of_work import UnitOfWork

WHAT = "Subject"


async def read(uow: UnitOfWork, principal: Principal, id_: UUID, organization_id: UUID | None) -> Subject:
    """A living subject that the caller may read."""
    return require_visible(principal, _living(await repository.get(uow, id_)), WHAT, organization_id)


async def changeable(
    uow: UnitOfWork, principal: Principal, id_: UUID, organization_id: UUID | None, expected: Expected
) -> Subject:
    """A living subject that the caller may change; not locked yet, for what must be asked before."""
    return _admitted(principal, await repository.get(uow, id_), organization_id, expected)


async def locked(
    uow: UnitOfWork, principal: Principal, id_: UUID, organization_id: UUID | None, expected: Expected
) -> Subject:
    """A living subject that the caller may change, locked until the commit."""
    return _admitted(principal, await repository.lock(uow, id_), organization_id, expected)


def _admitted(
    principal: Principal, subject: Subject | None, organization_id: UUID | None, expected: Expected
) -> Subject:
    admitted = admit(principal, Action.WRITE, _living(subject), WHAT, organization_id)
    expected.require(admitted)
    return admitted


def _living(subject: Subject | None) -> Subject | None:
    return None if subject is None or subject.deleted_at is not None else subject
