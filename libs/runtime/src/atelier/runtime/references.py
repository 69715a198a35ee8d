"""Other services' aggregates where a command decides on them, and where an answer shows them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar
from uuid import UUID

from atelier.contracts.model import State
from atelier.contracts.users import UserState
from atelier.runtime import replicas
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Owned
from atelier.runtime.database import Sessions
from atelier.runtime.errors import InvalidError, UnavailableError
from atelier.runtime.internal_client import InternalClient
from atelier.runtime.replicas import Versioned
from atelier.runtime.unit_of_work import UnitOfWork

S = TypeVar("S", bound=State)


class References:
    """Reads fresh where it decides, from the replica where it shows."""

    def __init__(
        self,
        *,
        service: str,
        client: InternalClient,
        sessions: Sessions,
        replicated: Collection[type[State]],
    ) -> None:
        self._service = Principal.of_service(service)
        self._client = client
        self._sessions = sessions
        self._replicated = frozenset(replicated)

    async def fresh(
        self, uow: UnitOfWork, state: type[S], ids: Collection[UUID], principal: Principal
    ) -> dict[UUID, S]:
        """What the owner says now about those of `ids` that the principal may see.

        Call it before the first statement, so that no transaction waits for the answer; the replica
        learns it at the commit. Where the owner is away the replica serves, if it has every id; else
        `UnavailableError`.
        """
        if not ids:
            return {}
        try:
            answer = await self._client.read(state, ids, principal)
        except UnavailableError:
            return await self._from_replica(state, ids, principal)
        if state in self._replicated:
            uow.learn(answer.values())
        return {id_: one.state for id_, one in answer.items() if isinstance(one.state, state)}

    async def shown(
        self, state: type[S], ids: Collection[UUID], uow: UnitOfWork | None = None
    ) -> dict[UUID, S]:
        """The replicas of `ids`, deleted ones too; a missing one is read through and kept.

        Who has a transaction gives it, which then learns what was missing: a request that waits for
        a second connection while it holds one can wait for itself. Without one it is kept at once,
        so that a request which only reads keeps it too.
        """
        if not ids:
            return {}
        found = await self._replicas(state, ids, uow)
        missing = set(ids) - found.keys()
        if not missing:
            return found
        answer = await self._client.read(state, missing, self._service)
        await self._keep(list(answer.values()), uow)
        return found | {id_: one.state for id_, one in answer.items() if isinstance(one.state, state)}

    async def _keep(self, news: Sequence[Versioned], uow: UnitOfWork | None) -> None:
        if uow is not None:
            uow.learn(news)
            return
        async with self._sessions.begin() as session:
            await replicas.upsert(session, replicas.newest(news))

    async def _replicas(self, state: type[S], ids: Collection[UUID], uow: UnitOfWork | None) -> dict[UUID, S]:
        if uow is not None:
            return await replicas.find(await uow.session(), state, ids)
        async with self._sessions() as session:
            return await replicas.find(session, state, ids)

    async def _from_replica(
        self, state: type[S], ids: Collection[UUID], principal: Principal
    ) -> dict[UUID, S]:
        if state not in self._replicated:
            raise UnavailableError(f"{state.kind} can't be checked right now; try again in a moment.")
        async with self._sessions() as session:
            if len(await replicas.find(session, state, ids)) < len(set(ids)):
                raise UnavailableError(f"{state.kind} can't be checked right now; try again in a moment.")
            return await replicas.find(session, state, ids, principal)


def usable(state: State) -> bool:
    """Whether something new may refer to that: it isn't deleted and, a user, not deactivated."""
    return state.deleted_at is None and not (isinstance(state, UserState) and not state.is_active)


def may_refer(entity: Owned, to: State) -> bool:
    """Whether an entity may refer to that: public, of its own organization, or its own owner's."""
    if not usable(to):
        return False
    if to.public:
        return True
    if entity.organization_id is not None:
        return to.organization_id == entity.organization_id
    return to.organization_id is None and to.owner_id == entity.owner_id


def require_reference(found: dict[UUID, S], id_: UUID, *loc: str | int) -> S:
    """The referred-to state; 422 as unknown where it isn't there or usable (any more)."""
    state = found.get(id_)
    if state is None or not usable(state):
        raise InvalidError.unknown(*loc)
    return state
