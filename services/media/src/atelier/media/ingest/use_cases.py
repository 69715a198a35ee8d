"""Ingest, in four steps: identify, gather, store, take in. Only the last is in the request's transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from uuid import UUID

from atelier.contracts.media import StoredMedia
from atelier.media.attachments import use_cases as attachments
from atelier.media.attachments.use_cases import Use
from atelier.media.ingest import storing
from atelier.media.ingest.gathering import Gathered, Gatherer
from atelier.media.ingest.schemas import IngestBody, IngestItemBody
from atelier.media.ingest.sources import Existing, Reader, Source, SourceError, UnknownSourceError, Uploaded
from atelier.media.resources import use_cases as resources
from atelier.media.resources.content import Digest
from atelier.media.resources.models import MediaResource
from atelier.media.resources.use_cases import NewResource
from atelier.media.settings import Settings
from atelier.media.uploads import use_cases as uploads
from atelier.media.uploads.use_cases import TemporaryUpload
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Action, Ownership, require
from atelier.runtime.errors import InvalidError, Problem
from atelier.runtime.request_context import current_cause
from atelier.runtime.unit_of_work import UnitOfWork, UnitsOfWork

AT_ONCE = 4
"""Items of a batch that are worked on side by side."""

T = TypeVar("T")
R = TypeVar("R")
Found = Existing | Gathered


@dataclass(frozen=True)
class Intake:
    """What ingest works with beside the request's transaction."""

    settings: Settings
    reader: Reader
    gatherer: Gatherer


@dataclass(frozen=True)
class _Known:
    """What is known of the sources of a batch, to who asks and for the tenant that they ask for."""

    principal: Principal
    uploads: Mapping[str, TemporaryUpload]
    usable: frozenset[UUID]


async def ingest(
    uow: UnitOfWork, units: UnitsOfWork, intake: Intake, principal: Principal, body: IngestBody
) -> list[StoredMedia]:
    """The files of a batch as stored, in order; all of them or none.

    Raises `ForbiddenError` where the caller may not create for that tenant, `InvalidError` with every
    item that can't be used, `TooLargeError`, and `UnavailableError` where storage is away.
    """
    tenant = Ownership(body.owner_id, body.organization_id)
    require(principal, Action.WRITE, tenant)
    identify = partial(_identify, units, intake.reader, principal, tenant, body.items)
    with TemporaryDirectory(prefix="atelier-ingest-") as folder:
        prepare = partial(_prepare, units, intake, tenant, Path(folder))
        async with asyncio.timeout(intake.settings.ingest_within.total_seconds()):
            sources = await identify()
            try:
                found, new = await prepare(sources)
            except InvalidError:
                again = await identify()
                if _resources_in(again) == _resources_in(sources):
                    raise
                found, new = await prepare(again)  # a twin of this request took an upload in meanwhile
    return await _take_in(uow, tenant, body.items, found, new)


def _resources_in(sources: Sequence[Source | TemporaryUpload]) -> int:
    return sum(isinstance(source, Existing) for source in sources)


async def _prepare(
    units: UnitsOfWork,
    intake: Intake,
    tenant: Ownership,
    folder: Path,
    sources: Sequence[Source | TemporaryUpload],
) -> tuple[list[Found], Mapping[Digest, NewResource]]:
    """Look at everything first, and store only where all of it may be taken."""
    found = await _each(sources, partial(_gather, intake.gatherer, folder))
    return found, await _store(units, intake, tenant, found)


async def _identify(
    units: UnitsOfWork,
    reader: Reader,
    principal: Principal,
    tenant: Ownership,
    items: Sequence[IngestItemBody],
) -> list[Source | TemporaryUpload]:
    """What each item names; an upload that was taken in before is the resource that it became."""
    sources = await _each(items, partial(_read, reader))
    async with units.begin(current_cause.get()) as uow:
        known = await uploads.of_keys(uow, {one.key for one in sources if isinstance(one, Uploaded)})
        ids = {one.id for one in sources if isinstance(one, Existing)}
        ids |= {upload.resource_id for upload in known.values() if upload.resource_id is not None}
        usable = await resources.usable(uow, principal, tenant, ids)
    return await _each(sources, partial(_resolve, _Known(principal, known, frozenset(usable))))


async def _read(reader: Reader, item: IngestItemBody) -> Source:
    if item.media_resource_id is not None:
        return Existing(item.media_resource_id)
    assert item.source is not None, "the body's model holds it to one of the two"
    return reader.read(item.source)


async def _resolve(known: _Known, source: Source) -> Source | TemporaryUpload:
    if isinstance(source, Uploaded):
        upload = known.uploads.get(source.key)
        if upload is None or not upload.was_asked_for_by(known.principal):
            raise UnknownSourceError
        if upload.resource_id is None:
            return upload
        source = Existing(upload.resource_id)
    if isinstance(source, Existing) and source.id not in known.usable:
        raise UnknownSourceError
    return source


async def _gather(gatherer: Gatherer, folder: Path, source: Source | TemporaryUpload) -> Found:
    if isinstance(source, Existing):
        return source
    assert not isinstance(source, Uploaded), "resolved to what was asked for"
    return await gatherer.gather(source, folder)


async def _store(
    units: UnitsOfWork, intake: Intake, tenant: Ownership, found: Sequence[Found]
) -> Mapping[Digest, NewResource]:
    """Store the contents that the tenant doesn't have yet, each once."""
    first: dict[Digest, Gathered] = {}
    for one in found:
        if isinstance(one, Gathered):
            first.setdefault(one.content.digest, one)
    contents = [one.content for one in first.values()]
    new = await storing.announce(units, tenant, contents, intake.settings.unnamed_after)

    async def store(one: Found) -> None:
        if isinstance(one, Gathered) and first[one.content.digest] is one and one.content.digest in new:
            await storing.store(intake.gatherer.storage, new[one.content.digest], one)

    await _each(found, store)
    return new


async def _take_in(
    uow: UnitOfWork,
    tenant: Ownership,
    items: Sequence[IngestItemBody],
    found: Sequence[Found],
    new: Mapping[Digest, NewResource],
) -> list[StoredMedia]:
    digests = [one.content.digest for one in found if isinstance(one, Gathered)]
    ids = [one.id for one in found if isinstance(one, Existing)]
    settled = await resources.settle(uow, tenant, digests, new, ids)
    taken = await _each(found, partial(_settled, settled))
    made = {one.id for one in new.values()}
    for item, resource in zip(items, taken, strict=True):
        sent = item.model_dump(include={"alt_text", "caption", "protected"})
        resources.describe(uow, resource, sent, new=resource.id in made)
    await uow.flush()
    pairs = list(zip(items, taken, strict=True))
    await attachments.attach(uow, [use for item, resource in pairs for use in _uses(item, resource)])
    finished = {
        one.upload.id: resource.id
        for one, resource in zip(found, taken, strict=True)
        if isinstance(one, Gathered) and one.upload is not None
    }
    await uploads.finish(uow, finished)
    return [resource.state().stored() for resource in taken]


async def _settled(settled: resources.Settled, one: Found) -> MediaResource:
    """The resource; one that went since it was identified isn't known any more."""
    if isinstance(one, Gathered):
        return settled.by_digest[one.content.digest]
    if one.id not in settled.by_id:
        raise UnknownSourceError
    return settled.by_id[one.id]


def _uses(item: IngestItemBody, resource: MediaResource) -> list[Use]:
    meant = (item.attachment, *item.also)
    return [Use(resource_id=resource.id, **one.model_dump()) for one in meant]


async def _each(items: Sequence[T], work: Callable[[T], Awaitable[R]]) -> list[R]:
    """Work on every item, a few at once; all that can't be used are told together, each at its place."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def in_turn(item: T) -> R:
        async with turns:
            return await work(item)

    results = await asyncio.gather(*map(in_turn, items), return_exceptions=True)
    problems: list[Problem] = []
    done: list[R] = []
    for index, result in enumerate(results):
        if isinstance(result, SourceError):
            problems.append(Problem(("body", "items", index), str(result), result.type))
        elif isinstance(result, BaseException):
            raise result
        else:
            done.append(result)
    if problems:
        raise InvalidError(problems)
    return done
