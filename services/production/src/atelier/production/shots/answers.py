"""Shots and revisions as clients see them, prepared in a constant number of statements.

What is in the database comes written from there; only shots that were just planned are built here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from atelier.contracts.media import StoredMedia
from atelier.contracts.public.media import Cdn, MediaResourcePublic
from atelier.contracts.public.people import UserSummary
from atelier.contracts.public.shot_types import ShotTypePublic
from atelier.contracts.shot_types import ShotTypeState
from atelier.contracts.users import UserState
from atelier.production.shots import repository
from atelier.production.shots.models import Media, Shot
from atelier.production.shots.repository import ShotKey
from atelier.runtime.http.prepared import Prepared, Written
from atelier.runtime.references import References
from atelier.runtime.unit_of_work import UnitOfWork

KEPT_INSIDE = tuple(StoredMedia.model_fields.keys() - MediaResourcePublic.model_fields.keys())
"""What a stored file is known by here, and not shown."""


async def show_shots(
    uow: UnitOfWork, references: References, cdn: Cdn, shots: Sequence[Shot]
) -> list[Written]:
    """Shots with their revisions, in the given order; what was changed has to be flushed before.

    One that was deleted since it was read is left out.
    """
    rows = await _shown(uow, references, cdn, Shot.id, [shot.id for shot in shots])
    by_id = {row.id: Written(row.shown) for row in rows}
    return [by_id[shot.id] for shot in shots if shot.id in by_id]


async def show_of_looks(
    uow: UnitOfWork, references: References, cdn: Cdn, look_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[Written]]:
    """The shots of each look that has some, in the order of their planning."""
    by_look: defaultdict[UUID, list[Written]] = defaultdict(list)
    for row in await _shown(uow, references, cdn, Shot.look_id, look_ids):
        by_look[row.look_id].append(Written(row.shown))
    return by_look


def show_planned(shots: Sequence[Shot], shot_types: Mapping[UUID, ShotTypeState], cdn: Cdn) -> list[Prepared]:
    """Shots that were just planned for these shot types: they have no revisions yet."""
    shown = {id_: _shot_type(state, cdn) for id_, state in shot_types.items()}
    return [_planned(shot, shown.get(shot.shot_type_id)) for shot in shots]


async def show_revision(uow: UnitOfWork, references: References, cdn: Cdn, revision_id: UUID) -> Written:
    """One revision that is there; what was changed has to be flushed before."""
    owner_id = await repository.owner_of(uow, revision_id)
    owners = await _owners(uow, references, {owner_id} if owner_id else set())
    return Written(await repository.shown_revision(uow, revision_id, _places(cdn) | owners))


def show_media(media: Media | None, cdn: Cdn) -> Prepared | None:
    """A `MediaResourcePublic` of a stored file as its column holds it."""
    if media is None:
        return None
    shown = {**media, "url": f"{cdn.base}/{media['key']}"}
    for name in KEPT_INSIDE:
        shown.pop(name, None)
    return shown


async def _shown(
    uow: UnitOfWork, references: References, cdn: Cdn, by: ShotKey, ids: Collection[UUID]
) -> Sequence[Any]:
    shot_type_ids, owner_ids = await repository.referred_to(uow, by, ids)
    states = await references.shown(ShotTypeState, shot_type_ids, uow)
    shot_types = {
        "shot_type_ids": list(states),
        "shot_types": [ShotTypePublic.of(state, cdn).model_dump_json() for state in states.values()],
    }
    owners = await _owners(uow, references, owner_ids)
    return await repository.shown_shots(uow, by, ids, _places(cdn) | shot_types | owners)


async def _owners(uow: UnitOfWork, references: References, ids: Collection[UUID]) -> dict[str, Any]:
    """What others say of people, for the database to put it in."""
    states = await references.shown(UserState, ids, uow)
    shown = [UserSummary.model_validate(state).model_dump_json() for state in states.values()]
    return {"owner_ids": list(states), "owners": shown}


def _places(cdn: Cdn) -> dict[str, Any]:
    return {"cdn": cdn.base, "kept_inside": list(KEPT_INSIDE)}


def _shot_type(state: ShotTypeState, cdn: Cdn) -> Prepared:
    return ShotTypePublic.of(state, cdn).model_dump(mode="json")


def _planned(shot: Shot, shot_type: Prepared | None) -> Prepared:
    return {
        "id": str(shot.id),
        "created_at": shot.created_at,
        "updated_at": shot.updated_at,
        "shooting_look_id": str(shot.look_id),
        "shot_type": shot_type,
        "pose_preset_id": _id(shot.pose_preset_id),
        "status": shot.status,
        "rework_available": shot.rework_available,
        "rework_used": shot.rework_used,
        "current_revision_id": _id(shot.current_revision_id),
        "revisions": (),
    }


def _id(id_: UUID | None) -> str | None:
    return None if id_ is None else str(id_)
