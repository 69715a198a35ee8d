"""Slugs of subjects: unique among the living of an organization or owner."""

from __future__ import annotations

from collections.abc import Sequence

from atelier.catalog.subjects import repository
from atelier.catalog.subjects.models import Subject
from atelier.runtime import uniqueness
from atelier.runtime.authorization import Owned, Ownership
from atelier.runtime.slugs import FreeSlugs, slug_of
from atelier.runtime.unit_of_work import UnitOfWork

TAKEN = dict.fromkeys(
    ("uq_subjects_organization_slug", "uq_subjects_owner_slug"),
    "Another subject got this slug at the same time; repeat your request.",
)


async def slug_for(uow: UnitOfWork, tenant: Owned, name: str) -> str:
    """The slug of a new subject: from its name, numbered where that is taken."""
    return await _free(uow, tenant, slug_of(name, otherwise="subject"))


async def slug_after(uow: UnitOfWork, subject: Subject, name: str, ownership: Ownership) -> str:
    """The slug of a subject that gets this name and owner: a new one only where its own doesn't do."""
    renamed = name != subject.name
    if not renamed and ownership == Ownership(subject.owner_id, subject.organization_id):
        return subject.slug
    wanted = slug_of(name, otherwise="subject") if renamed else subject.slug
    return await _free(uow, ownership, wanted, subject)


async def free_slugs(uow: UnitOfWork, subjects: Sequence[Subject]) -> None:
    """Number the slugs that are taken at the one new owner of these subjects."""
    living = [subject for subject in subjects if subject.deleted_at is None]
    if not living:
        return
    wanted = [subject.slug for subject in living]
    slugs = FreeSlugs(await repository.taken_slugs(uow, living[0], wanted))
    for subject in living:
        subject.slug = slugs.take(subject.slug)


async def flush(uow: UnitOfWork) -> None:
    """Write the subject now, so that a slug which was taken in spite of all is told as a conflict."""
    await uniqueness.flush(uow, TAKEN)


async def _free(uow: UnitOfWork, tenant: Owned, wanted: str, *besides: Subject) -> str:
    ids = [subject.id for subject in besides]
    return FreeSlugs(await repository.taken_slugs(uow, tenant, [wanted], ids)).take(wanted)
