"""Other services' aggregates, as they were last told: one generic table, written by version."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Text, Uuid, any_, bindparam, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from atelier.contracts.model import State
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import visible_to
from atelier.runtime.tables import ReplicaRow

S = TypeVar("S", bound=State)


@dataclass(frozen=True, slots=True)
class Versioned:
    """A state and the version at which the aggregate had it."""

    version: int
    state: State


@dataclass(frozen=True, slots=True)
class Known:
    """What a replica has of an aggregate, but for its state."""

    version: int
    deleted: bool


UPSERT = text(
    "INSERT INTO replicas AS r (kind, id, version, owner_id, organization_id, public, deleted, state) "
    "SELECT k, i, v, o, g, p, d, s::jsonb FROM unnest(:kinds, :ids, :versions, :owners, :organizations, "
    ":publics, :deleteds, :states) AS n(k, i, v, o, g, p, d, s) WHERE NOT EXISTS "
    "(SELECT FROM replicas AS had WHERE had.kind = k AND had.id = i AND had.version >= v) ORDER BY k, i "
    "ON CONFLICT (kind, id) DO UPDATE SET version = excluded.version, owner_id = excluded.owner_id, "
    "organization_id = excluded.organization_id, public = excluded.public, deleted = excluded.deleted, "
    "state = excluded.state WHERE r.version < excluded.version"
).bindparams(
    bindparam("kinds", type_=ARRAY(Text)),
    bindparam("ids", type_=ARRAY(Uuid)),
    bindparam("versions", type_=ARRAY(BigInteger)),
    bindparam("owners", type_=ARRAY(Uuid)),
    bindparam("organizations", type_=ARRAY(Uuid)),
    bindparam("publics", type_=ARRAY(Boolean)),
    bindparam("deleteds", type_=ARRAY(Boolean)),
    bindparam("states", type_=ARRAY(Text)),
)

MARK_DELETED = text(
    "UPDATE replicas AS r SET deleted = true, state = jsonb_set(r.state, '{deleted_at}', to_jsonb(now())) "
    "FROM (SELECT had.id FROM replicas AS had JOIN unnest(:ids, :versions) AS n(i, v) "
    "ON had.id = i AND had.version = v WHERE had.kind = :kind ORDER BY had.id FOR UPDATE OF had) AS gone "
    "WHERE r.kind = :kind AND r.id = gone.id"
).bindparams(bindparam("ids", type_=ARRAY(Uuid)), bindparam("versions", type_=ARRAY(BigInteger)))
"""Who reads the state sees the deletion as well as who reads the column; locks by id, as `UPSERT` does."""


def newest(news: Iterable[Versioned]) -> list[Versioned]:
    """The highest version of each aggregate: one statement may touch a row only once.

    In the order of kind and id, so that two batches at once don't wait for each other in a circle.
    """
    best: dict[tuple[str, UUID], Versioned] = {}
    for one in news:
        key = (one.state.kind, one.state.id)
        if key not in best or best[key].version < one.version:
            best[key] = one
    return [best[key] for key in sorted(best)]


async def upsert(session: AsyncSession | AsyncConnection, states: Sequence[Versioned]) -> None:
    """Write states that are newer than what is there; older ones change nothing and lock nothing.

    (A conflict locks its row even where its WHERE is false, so the statement looks first.)
    """
    if not states:
        return
    parameters: dict[str, list[Any]] = {
        "kinds": [one.state.kind for one in states],
        "ids": [one.state.id for one in states],
        "versions": [one.version for one in states],
        "owners": [one.state.owner_id for one in states],
        "organizations": [one.state.organization_id for one in states],
        "publics": [one.state.public for one in states],
        "deleteds": [one.state.deleted_at is not None for one in states],
        "states": [one.state.model_dump_json() for one in states],
    }
    await session.execute(UPSERT, parameters)


async def find(
    session: AsyncSession, state: type[S], ids: Collection[UUID], principal: Principal | None = None
) -> dict[UUID, S]:
    """Replicas by id, deleted ones too; narrowed to what a principal may see, or all without one."""
    statement = select(ReplicaRow.id, ReplicaRow.state).where(
        ReplicaRow.kind == state.kind, ReplicaRow.id == any_(literal(list(ids), ARRAY(Uuid)))
    )
    if principal is not None:
        statement = statement.where(ReplicaRow.public | visible_to(principal, ReplicaRow))
    rows = await session.execute(statement)
    return {row.id: state.model_validate(row.state, extra="ignore") for row in rows}


async def known(session: AsyncSession, kind: str, after: UUID | None, limit: int) -> dict[UUID, Known]:
    """A page of what is replicated, by id."""
    statement = select(ReplicaRow.id, ReplicaRow.version, ReplicaRow.deleted).where(ReplicaRow.kind == kind)
    if after is not None:
        statement = statement.where(ReplicaRow.id > after)
    rows = await session.execute(statement.order_by(ReplicaRow.id).limit(limit))
    return {row.id: Known(row.version, row.deleted) for row in rows}


async def mark_deleted(session: AsyncSession, kind: str, gone: dict[UUID, int]) -> None:
    """The owner knows nothing of these; a version that came since stays as it is."""
    if gone:
        await session.execute(
            MARK_DELETED, {"kind": kind, "ids": list(gone), "versions": list(gone.values())}
        )
