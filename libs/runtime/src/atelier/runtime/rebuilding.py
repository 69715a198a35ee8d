"""Filling a replica from its owner, and holding one against it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from atelier.contracts.model import State
from atelier.runtime import replicas
from atelier.runtime.auth import Principal
from atelier.runtime.database import Sessions
from atelier.runtime.internal_client import InternalClient
from atelier.runtime.replicas import Known, Versioned

PAGE = 500

T = TypeVar("T")
Owned = dict[UUID, Versioned]
Mine = dict[UUID, Known]
Between = Callable[[], Awaitable[None]]


async def _nothing() -> None:
    """Between the pages there is nothing to do."""


@dataclass
class Difference:
    """What a replica has other than its owner: ids that are missing, stale, or extra."""

    missing: list[UUID] = field(default_factory=list)
    stale: list[UUID] = field(default_factory=list)
    extra: list[UUID] = field(default_factory=list)

    @property
    def none(self) -> bool:
        """Whether the replica is as its owner."""
        return not (self.missing or self.stale or self.extra)


class ReplicaKeeper:
    """Rebuilds and checks one service's replicas while it serves."""

    def __init__(self, *, service: str, client: InternalClient, sessions: Sessions) -> None:
        self._service = Principal.of_service(service)
        self._client = client
        self._sessions = sessions

    async def rebuild(self, state: type[State], between: Between = _nothing) -> int:
        """Take over everything the owner has; what it no longer has is marked as deleted.

        Safe while events come in: only higher versions are written. Calls `between` after each page.
        Returns how many it read.
        """
        count = 0
        async for owned, mine in self._side_by_side(state):
            unseen = {id_: one.version for id_, one in mine.items() if id_ not in owned and not one.deleted}
            found = await self._known(state, unseen)
            gone = {id_: version for id_, version in unseen.items() if id_ not in found}
            async with self._sessions.begin() as session:
                await replicas.upsert(session, replicas.newest([*owned.values(), *found.values()]))
                await replicas.mark_deleted(session, state.kind, gone)
            count += len(owned)
            await between()
        return count

    async def check(self, state: type[State]) -> Difference:
        """Hold the replica against its owner, page by page; newer than the owner is no difference."""
        difference = Difference()
        async for owned, mine in self._side_by_side(state):
            difference.missing += sorted(owned.keys() - mine.keys())
            shared = sorted(owned.keys() & mine.keys())
            difference.stale += [id_ for id_ in shared if mine[id_].version < owned[id_].version]
            extra = {id_ for id_, one in mine.items() if id_ not in owned and not one.deleted}
            difference.extra += sorted(extra - (await self._known(state, extra)).keys())
        return difference

    async def _side_by_side(self, state: type[State]) -> AsyncIterator[tuple[Owned, Mine]]:
        """What the owner and the replica have, by id, in steps that end at the same id on both sides.

        The owner is asked first, so that what comes in meanwhile is newer here, not missing. Something
        younger than the owner's page may have an id in it: ask for what only the replica has by id.
        """
        after: UUID | None = None
        while True:
            owned = await self._client.page(state, after, PAGE, self._service)
            async with self._sessions() as session:
                mine = await replicas.known(session, state.kind, after, PAGE)
            if not owned and not mine:
                return
            after = min(max(page) for page in (owned, mine) if page)
            yield _until(owned, after), _until(mine, after)

    async def _known(self, state: type[State], ids: Collection[UUID]) -> Owned:
        """What the owner has of these, asked for by id."""
        return await self._client.read(state, ids, self._service) if ids else {}


def _until(page: dict[UUID, T], last: UUID) -> dict[UUID, T]:
    return {id_: one for id_, one in page.items() if id_ <= last}
