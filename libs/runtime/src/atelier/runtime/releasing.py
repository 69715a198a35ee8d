"""What an organization's end means for what belonged to it: it goes back to the last owner.

A fact asks for two jobs: one at once, and one two minutes later for writes that were under way
with a token from before. Each works in batches, an event for every entity.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, any_, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from atelier.contracts.model import Event
from atelier.contracts.organizations import OrganizationDeleted
from atelier.runtime.jobs import Job, JobHandler
from atelier.runtime.messaging.facts import FactHandler
from atelier.runtime.messaging.records import Fact
from atelier.runtime.unit_of_work import UnitOfWork

RELEASE = "release-organization"
BATCH = 200
AGAIN_AFTER = timedelta(minutes=2)
LONGEST = 255
"""Characters of a name."""
DIGITS = 7
"""Of the largest number that is put behind a name."""


Children = Callable[[UnitOfWork, Sequence[Any]], Awaitable[None]]
"""Called with a batch of entities that have their new owner already."""


@dataclass(frozen=True)
class Releasable:
    """A kind of entity that can belong to an organization, and the event that tells of its change."""

    row: Any
    """The mapped class: an `Entity`. Where it has a `name`, that stays free of its new owner's others."""
    updated: type[Event[Any]]
    children: Children | None = None
    """Gives back what belongs to entities that were just given back, in the same transaction."""
    batch: int = BATCH
    """Entities of one transaction: few where each has many children."""


def on_organization_deleted(again_after: timedelta = AGAIN_AFTER) -> FactHandler:
    """The handler of the fact, for a service's table of facts."""

    async def handle(uow: UnitOfWork, fact: Fact[OrganizationDeleted]) -> None:
        organization_id = str(fact.event.state.id)
        payload = {"organization_id": organization_id, "owner_id": str(fact.event.last_owner_id)}
        uow.enqueue(RELEASE, organization_id, payload)
        uow.enqueue(RELEASE, f"{organization_id}:again", payload, delay=again_after)

    return handle


def release_job(kinds: Sequence[Releasable]) -> JobHandler:
    """The job that releases the entities of all kinds, a transaction for each batch."""

    async def release(job: Job) -> None:
        organization_id, owner_id = UUID(job.payload["organization_id"]), UUID(job.payload["owner_id"])
        for kind in kinds:
            released = kind.batch
            while released == kind.batch:
                async with job.begin() as uow:
                    released = await release_batch(uow, kind, organization_id, owner_id)
                    await uow.commit()

    return release


async def release_batch(uow: UnitOfWork, kind: Releasable, organization_id: UUID, owner_id: UUID) -> int:
    """Make the next entities of an organization, deleted ones too, their new owner's personal ones.

    One with a name keeps it, or gets the first free number behind it. Returns how many they were.
    """
    entities = await _lock(uow, kind, organization_id)
    if hasattr(kind.row, "name"):
        await _free_names(uow, kind.row, owner_id, entities)
    for entity in entities:
        entity.organization_id, entity.owner_id = None, owner_id
        uow.emit(entity, kind.updated)
    if entities and kind.children is not None:
        await kind.children(uow, entities)
    return len(entities)


async def _free_names(uow: UnitOfWork, row: Any, owner_id: UUID, entities: Sequence[Any]) -> None:
    names = FreeNames(await _taken(uow, row, owner_id, [entity.name for entity in entities]))
    for entity in entities:
        entity.name = names.take(entity.name)


async def _lock(uow: UnitOfWork, kind: Releasable, organization_id: UUID) -> Sequence[Any]:
    statement = select(kind.row).where(kind.row.organization_id == organization_id)
    return await uow.all(statement.order_by(kind.row.id).limit(kind.batch).with_for_update())


async def _taken(uow: UnitOfWork, row: Any, owner_id: UUID, names: Collection[str]) -> Sequence[str]:
    statement = select(row.name).where(
        row.owner_id == owner_id, row.organization_id.is_(None), in_the_way(row.name, names)
    )
    return await uow.all(statement)


def in_the_way(column: InstrumentedAttribute[str], names: Collection[str]) -> ColumnElement[bool]:
    """Whether a taken name is one of these, or one of them with a number behind it."""
    stems = {_stem(name, digits) for name in names for digits in range(1, DIGITS + 1)}
    unnumbered = func.regexp_replace(column, rf" \([0-9]{{1,{DIGITS}}}\)$", "")
    return or_(column == _any_of(names), unnumbered == _any_of(stems))


def _any_of(texts: Collection[str]) -> Any:
    return any_(literal(sorted(set(texts)), ARRAY(Text)))


def _stem(name: str, digits: int) -> str:
    """As much of a name as stays when a number of so many digits is put behind it."""
    return name[: LONGEST - len(" ()") - digits]


class FreeNames:
    """Gives each entity of a batch its name; looks at each number of a stem only once."""

    def __init__(self, taken: Collection[str]) -> None:
        self._taken = set(taken)
        self._next: dict[tuple[str, int], int] = {}

    def take(self, name: str) -> str:
        """The name, or with the first free number behind it; it is taken from now on."""
        free = self._numbered(name) if name in self._taken else name
        self._taken.add(free)
        return free

    def _numbered(self, name: str) -> str:
        candidates = (self._of_digits(_stem(name, digits), digits) for digits in range(1, DIGITS + 1))
        return next(candidate for candidate in candidates if candidate is not None)

    def _of_digits(self, stem: str, digits: int) -> str | None:
        first = self._next.get((stem, digits), max(2, 10 ** (digits - 1)))
        for number in range(first, 10**digits):
            if f"{stem} ({number})" not in self._taken:
                self._next[stem, digits] = number + 1
                return f"{stem} ({number})"
        self._next[stem, digits] = 10**digits
        return None
