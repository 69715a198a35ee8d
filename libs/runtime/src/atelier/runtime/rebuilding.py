"""Filling a replica from its owner, and holding one against it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from atelier.contracts.model import State
from atelier.runtime import replicas
from atelier.runtime.auth import Principal
from atelier.runtime.database import Sessions
from atelier.runtime.internal_client import InternalClient
from atelier.runtime.replicas import Versioned

PAGE = 500


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

    async def rebuild(self, state: type[State]) -> int:
        """Take over everything the owner has; what it no longer has is marked as deleted.

        Safe while events come in: only higher versions are written. Returns how many it read.
        """
        seen: set[UUID] = set()
        after: UUID | None = None
        while page := await self._client.page(state, after, PAGE, self._service):
            async with self._sessions.begin() as session:
                await replicas.upsert(session, replicas.newest(page.values()))
            seen |= page.keys()
            after = max(page)
        await self._mark_missing(state, seen)
        return len(seen)

    async def check(self, state: type[State]) -> Difference:
        """Hold the replica against its owner, page by page, newest versions counted as equal or not."""
        difference = Difference()
        owned = await self._owned(state)
        mine = await self._replicated(state.kind)
        for id_, version in owned.items():
            if id_ not in mine:
                difference.missing.append(id_)
            elif mine[id_][0] < version:
                difference.stale.append(id_)
        extra = {id_ for id_, (_, deleted) in mine.items() if id_ not in owned and not deleted}
        difference.extra = sorted(extra - (await self._known(state, extra)).keys())
        return difference

    async def _mark_missing(self, state: type[State], seen: set[UUID]) -> None:
        """Mark what the pages didn't show, unless the owner says that it is younger than they are."""
        unseen = {
            id_: version
            for id_, (version, deleted) in (await self._replicated(state.kind)).items()
            if id_ not in seen and not deleted
        }
        found = await self._known(state, unseen)
        gone = {id_: version for id_, version in unseen.items() if id_ not in found}
        async with self._sessions.begin() as session:
            await replicas.upsert(session, replicas.newest(found.values()))
            await replicas.mark_deleted(session, state.kind, gone)

    async def _known(self, state: type[State], ids: Collection[UUID]) -> dict[UUID, Versioned]:
        """What the owner has of these, asked for by id."""
        return await self._client.read(state, ids, self._service) if ids else {}

    async def _owned(self, state: type[State]) -> dict[UUID, int]:
        owned: dict[UUID, int] = {}
        after: UUID | None = None
        while page := await self._client.page(state, after, PAGE, self._service):
            owned |= {id_: one.version for id_, one in page.items()}
            after = max(page)
        return owned

    async def _replicated(self, kind: str) -> dict[UUID, tuple[int, bool]]:
        found: dict[UUID, tuple[int, bool]] = {}
        after: UUID | None = None
        async with self._sessions() as session:
            while page := await replicas.versions(session, kind, after, PAGE):
                found |= page
                after = max(page)
        return found
