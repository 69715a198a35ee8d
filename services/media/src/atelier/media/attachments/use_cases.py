"""What can be done with attachments."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from atelier.contracts.background_presets import BackgroundPresetState
from atelier.contracts.generations import GenerationState
from atelier.contracts.looks import LookState
from atelier.contracts.media import Attaching
from atelier.contracts.products import ProductState
from atelier.contracts.shots import ShotState
from atelier.contracts.subjects import SubjectState
from atelier.media.attachments import repository
from atelier.media.attachments.repository import Aggregate, Use
from atelier.media.resources import use_cases as resources
from atelier.runtime.messaging.records import Fact
from atelier.runtime.unit_of_work import UnitOfWork

HOLDING: dict[str, type[Attaching]] = {
    state.kind: state
    for state in (
        ProductState,
        SubjectState,
        BackgroundPresetState,
        LookState,
        ShotState,
        GenerationState,
    )
}
"""The aggregates that hold files, by kind."""

__all__ = ["HOLDING", "Aggregate", "Use", "attach", "follow", "on_fact", "set_exactly"]


async def attach(uow: UnitOfWork, uses: Collection[Use]) -> None:
    """Note what a request means to do with locked resources: events confirm it, or a sweep undoes it."""
    await repository.add(uow, uses, confirmed=False)
    await resources.note_uses(uow, {use.resource_id for use in uses}, ())


async def on_fact(uow: UnitOfWork, fact: Fact[Any]) -> None:
    """An aggregate says what it holds: that is what it is attached to from now on."""
    await follow(uow, fact.event.state)


async def follow(uow: UnitOfWork, state: Attaching) -> None:
    """Attach to an aggregate what its state holds.

    A shot's revision names a prediction's picture without ingest: the shot is remembered as its holder
    here, so that it is asked before the picture goes, also where its own event is late.
    """
    used = await set_exactly(uow, Aggregate(state.kind, state.id), uses_of(state))
    if isinstance(state, GenerationState):
        await repository.note_holder(uow, used, Aggregate(ShotState.kind, state.request.shot_id))


async def set_exactly(uow: UnitOfWork, aggregate: Aggregate, uses: Collection[Use]) -> Collection[UUID]:
    """Make the uses by an aggregate exactly these, confirmed; returns the resources that it uses now.

    What isn't there (any more) is left out.
    """
    seen = await repository.of_aggregate(uow, aggregate)
    there = await resources.lock(uow, {use.resource_id for use in {*seen, *uses}})
    wanted = {use for use in uses if use.resource_id in there}
    gone = {use: id_ for use, id_ in seen.items() if use not in wanted}
    if gone:
        await repository.remove(uow, gone.values())
    if wanted:
        await repository.add(uow, wanted, confirmed=True)
    used = {use.resource_id for use in wanted}
    lost = {use.resource_id for use in gone} - used
    await resources.note_uses(uow, used, lost - await repository.attached(uow, lost))
    return used


def uses_of(state: Attaching) -> set[Use]:
    """What a state holds; a deleted aggregate holds nothing."""
    if state.deleted_at is not None:
        return set()
    return {
        Use(one.media.id, state.kind, state.id, one.entity_type, one.entity_id, one.slot, one.position)
        for one in state.attached()
    }
