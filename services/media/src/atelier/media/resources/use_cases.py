"""What can be done with media resources."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from atelier.contracts.enums import MediaResourceType
from atelier.contracts.media import MediaDeleted, MediaIngested, MediaUpdated
from atelier.media.resources import repository
from atelier.media.resources.content import Content, Digest
from atelier.media.resources.keys import folder_of, key_of
from atelier.media.resources.models import MediaResource
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Action, Ownership, allowed
from atelier.runtime.entities import change
from atelier.runtime.errors import UnavailableError
from atelier.runtime.jobs import Job, JobHandler
from atelier.runtime.references import may_refer
from atelier.runtime.storage import Storage
from atelier.runtime.unit_of_work import UnitOfWork

REMOVE_UNNAMED = "remove-unnamed-bytes"
"""Removes what is stored for a resource, unless the resource is there."""


@dataclass(frozen=True)
class NewResource:
    """A resource to be, with the id under which its bytes were stored already."""

    id: UUID
    content: Content

    @property
    def key(self) -> str:
        """Where its bytes are."""
        return key_of(self.id, self.content.picture.extension)


@dataclass(frozen=True)
class Settled:
    """The resources of a batch; by id those that were named by it."""

    by_digest: Mapping[Digest, MediaResource]
    by_id: Mapping[UUID, MediaResource]


async def find(uow: UnitOfWork, id_: UUID) -> MediaResource | None:
    """A resource, whoever's it is: its id is its secret."""
    return await repository.get(uow, id_)


async def usable(
    uow: UnitOfWork, principal: Principal, tenant: Ownership, ids: Collection[UUID]
) -> Mapping[UUID, MediaResource]:
    """Those of the ids that the principal may see and the tenant may refer to."""
    found = await repository.by_ids(uow, ids)
    return {
        id_: resource
        for id_, resource in found.items()
        if allowed(principal, Action.READ, resource) and may_refer(tenant, resource.state())
    }


async def known_contents(
    uow: UnitOfWork, tenant: Ownership, digests: Collection[Digest]
) -> Mapping[Digest, UUID]:
    """The ids of the resources of the tenant that have these contents already."""
    known = await repository.ids_of_contents(uow, tenant, digests)
    keys = {digest: (digest.sha256, digest.size) for digest in digests}
    return {digest: known[content] for digest, content in keys.items() if content in known}


async def announce(
    uow: UnitOfWork, ids: Collection[UUID], unnamed_after: timedelta, what: str = "announced"
) -> None:
    """Before bytes are stored for resources: whatever comes of it, they don't stay without a row.

    `what` is stored tells several of one resource apart.
    """
    for id_ in ids:
        uow.enqueue(REMOVE_UNNAMED, f"{id_}:{what}", {"resource_id": str(id_)}, delay=unnamed_after)


async def settle(
    uow: UnitOfWork,
    tenant: Ownership,
    digests: Collection[Digest],
    new: Mapping[Digest, NewResource],
    ids: Collection[UUID],
) -> Settled:
    """The resources of these contents and ids, locked in one order; what the tenant lacks is made of `new`.

    Bytes of new ones that turn out to be superfluous are removed after the commit. Raises
    `UnavailableError` for a content that was removed just now and isn't among the new.
    """
    await repository.lock_contents(uow, tenant, digests)
    known = await known_contents(uow, tenant, digests)
    locked = await repository.lock(uow, {*known.values(), *ids})
    by_digest = {digest: locked[id_] for digest, id_ in known.items() if id_ in locked}
    for digest in set(digests) - by_digest.keys():
        if digest not in new:
            raise UnavailableError("A file was removed just now that would have been used; try again.")
        by_digest[digest] = _make(uow, tenant, new[digest])
    for digest, one in new.items():
        if by_digest[digest].id != one.id:
            _forget(uow, one.id, "superfluous")
    return Settled(by_digest, {id_: locked[id_] for id_ in ids if id_ in locked})


def describe(uow: UnitOfWork, resource: MediaResource, sent: Mapping[str, Any], *, new: bool) -> None:
    """Set the texts and the protection that were sent with a use; None says nothing.

    A new resource's event, which carries the state at the commit, tells of them already.
    """
    said = {name: value for name, value in sent.items() if value is not None}
    if change(resource, said) and not new:
        uow.emit(resource, MediaUpdated)


async def lock(uow: UnitOfWork, ids: Collection[UUID]) -> Collection[UUID]:
    """Those of the ids that are there; their attachments don't change but by whoever locked them."""
    return (await repository.lock(uow, ids)).keys()


async def note_uses(uow: UnitOfWork, attached: Collection[UUID], unattached: Collection[UUID]) -> None:
    """Note which locked resources are attached to something and which to nothing (any more)."""
    if attached:
        await repository.note_attached(uow, attached)
    if unattached:
        await repository.note_unattached(uow, unattached)


async def unattached(uow: UnitOfWork, longer_than: timedelta, after: UUID, limit: int) -> Sequence[UUID]:
    """The next unprotected resources that nothing was attached to for so long."""
    return await repository.unattached(uow, longer_than, after, limit)


async def remove_unattached(uow: UnitOfWork, ids: Collection[UUID], longer_than: timedelta) -> None:
    """Delete those that still are unattached and unprotected; their bytes go after the commit."""
    for resource in await repository.lock_unattached(uow, ids, longer_than):
        await uow.remove(resource, MediaDeleted)
        _forget(uow, resource.id, "deleted")


def remove_unnamed_job(storage: Storage) -> JobHandler:
    """The job that removes the bytes of a resource which isn't there (any more, or never was)."""

    async def remove(job: Job) -> None:
        resource_id = UUID(job.payload["resource_id"])
        async with job.begin() as uow:
            if await repository.get(uow, resource_id) is not None:
                return
        keys = [stored.key async for stored in storage.list(folder_of(resource_id))]
        await storage.delete(*keys)

    return remove


def _forget(uow: UnitOfWork, resource_id: UUID, why: str) -> None:
    uow.enqueue(REMOVE_UNNAMED, f"{resource_id}:{why}", {"resource_id": str(resource_id)})


def _make(uow: UnitOfWork, tenant: Ownership, new: NewResource) -> MediaResource:
    assert tenant.owner_id is not None, "ingest names an owner"
    digest, picture = new.content.digest, new.content.picture
    resource = MediaResource(
        id=new.id,
        created_at=uow.now,
        updated_at=uow.now,
        owner_id=tenant.owner_id,
        organization_id=tenant.organization_id,
        stored_for=tenant.organization_id or tenant.owner_id,
        resource_type=MediaResourceType.IMAGE.value,
        key=new.key,
        content_type=picture.content_type,
        content_hash=digest.md5,
        sha256=digest.sha256,
        crc32=digest.crc32,
        extension=picture.extension,
        file_size=digest.size,
        width=picture.width,
        height=picture.height,
        aspect_ratio=new.content.aspect_ratio,
        orientation=new.content.orientation.value,
        dominant_color=picture.dominant_color,
        color_profile=picture.color_profile,
    )
    uow.add(resource)
    uow.emit(resource, MediaIngested)
    return resource
