"""Putting what was looked at where it stays. Bytes never stay without a row: that is arranged before."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta

from atelier.media.ingest.gathering import Gathered
from atelier.media.ingest.sources import SourceError
from atelier.media.resources import use_cases as resources
from atelier.media.resources.content import Content, Digest
from atelier.media.resources.use_cases import NewResource
from atelier.runtime.authorization import Ownership
from atelier.runtime.clock import new_id
from atelier.runtime.request_context import current_cause
from atelier.runtime.storage import NotStoredError, Storage
from atelier.runtime.unit_of_work import UnitsOfWork


async def announce(
    units: UnitsOfWork, tenant: Ownership, contents: Sequence[Content], unnamed_after: timedelta
) -> Mapping[Digest, NewResource]:
    """Resources to be, for the contents that the tenant doesn't have yet.

    It is committed that bytes under their ids go again, unless a row names them by then.
    """
    async with units.begin(current_cause.get()) as uow:
        known = await resources.known_contents(uow, tenant, [content.digest for content in contents])
        unknown = [content for content in contents if content.digest not in known]
        new = {content.digest: NewResource(new_id(), content) for content in unknown}
        await resources.announce(uow, [one.id for one in new.values()], unnamed_after)
        await uow.commit()
    return new


async def store(storage: Storage, new: NewResource, gathered: Gathered) -> None:
    """Store the bytes of a new resource.

    Raises `SourceError` where an upload isn't any more what was looked at: its URL may still be valid.
    """
    content_type = new.content.picture.content_type
    if gathered.upload is None:
        await storage.upload(gathered.file, new.key, content_type)
        return
    try:
        await storage.copy(gathered.upload.key, new.key, content_type)
    except NotStoredError as gone:
        raise SourceError("The upload was removed meanwhile.") from gone
    if not await _is_what_was_seen(storage, new.key, new.content.digest):
        await storage.delete(new.key)
        raise SourceError("The upload was replaced while it was taken in.")


async def _is_what_was_seen(storage: Storage, key: str, digest: Digest) -> bool:
    """By the ETag, which mostly is the MD5; where it is something else the copy is read."""
    stored = await storage.head(key)
    if stored is None or stored.size != digest.size:
        return False
    if stored.etag == digest.md5:
        return True
    sha256 = hashlib.sha256()
    async for piece in storage.read(key):
        await asyncio.to_thread(sha256.update, piece)
    return sha256.hexdigest() == digest.sha256
