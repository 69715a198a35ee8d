"""Shots and revisions as clients see them, prepared in a constant number of statements.

Revisions come written from the database, the rest is built here once, as `ShotPublic` and what is in
it say; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from atelier.contracts.media import StoredMedia
from atelier.contracts.public.media import Cdn, MediaResourcePublic
from atelier.contracts.public.people import UserSummary
from atelier.contracts.public.shot_types import ShotTypePublic
from atelier.contracts.shot_types import ShotTypeState
from atelier.contracts.users import UserState
from atelier.production.shots import repository
from atelier.production.shots.models import Media, Revision, Shot
from atelier.production.shots.repository import RevisionKey
from atelier.runtime.http.prepared import Prepared
from atelier.runtime.references import References
from atelier.runtime.unit_of_work import UnitOfWork

KEPT_INSIDE = tuple(StoredMedia.model_fields.keys() - MediaResourcePublic.model_fields.keys())
"""What a stored file is known by here, and not shown."""

Parts = dict[UUID, Prepared]
"""Prepared entities by id."""


async def show_shots(
    uow: UnitOfWork, references: References, cdn: Cdn, shots: Sequence[Shot]
) -> list[Prepared]:
    """Shots with their revisions, in the given order; what was changed has to be flushed before."""
    ids = [shot.id for shot in shots]
    shown = await _shown_with(uow, references, cdn, Revision.shot_id, ids)
    chains = await repository.chains(uow, Revision.shot_id, ids, shown)
    shot_types = await _shot_types(uow, references, cdn, {shot.shot_type_id for shot in shots})
    return [_shot(shot, shot_types.get(shot.shot_type_id), chains.get(shot.id)) for shot in shots]


def show_planned(shots: Sequence[Shot], shot_types: Mapping[UUID, ShotTypeState], cdn: Cdn) -> list[Prepared]:
    """Shots that were just planned for these shot types: they have no revisions yet."""
    shown = {id_: _shot_type(state, cdn) for id_, state in shot_types.items()}
    return [_shot(shot, shown.get(shot.shot_type_id), None) for shot in shots]


async def show_revision(uow: UnitOfWork, references: References, cdn: Cdn, revision_id: UUID) -> Prepared:
    """One revision that is there; what was changed has to be flushed before."""
    shown = await _shown_with(uow, references, cdn, Revision.id, [revision_id])
    (chain,) = (await repository.chains(uow, Revision.id, [revision_id], shown)).values()
    (revision,) = orjson.loads(chain)
    return dict(revision)


def show_media(media: Media | None, cdn: Cdn) -> Prepared | None:
    """A `MediaResourcePublic` of a stored file as its column holds it."""
    if media is None:
        return None
    shown = {**media, "url": f"{cdn.base}/{media['key']}"}
    for name in KEPT_INSIDE:
        shown.pop(name, None)
    return shown


async def _shown_with(
    uow: UnitOfWork, references: References, cdn: Cdn, by: RevisionKey, ids: Collection[UUID]
) -> Mapping[str, Any]:
    """What the database needs to write revisions: how URLs begin, and what others say of people."""
    owner_ids = await repository.owners_of(uow, by, ids)
    states = await references.shown(UserState, owner_ids, uow)
    owners = {str(id_): UserSummary.model_validate(state).model_dump() for id_, state in states.items()}
    return {"cdn": cdn.base, "kept_inside": list(KEPT_INSIDE), "owners": orjson.dumps(owners).decode()}


async def _shot_types(uow: UnitOfWork, references: References, cdn: Cdn, ids: Collection[UUID]) -> Parts:
    states = await references.shown(ShotTypeState, ids, uow)
    return {id_: _shot_type(state, cdn) for id_, state in states.items()}


def _shot_type(state: ShotTypeState, cdn: Cdn) -> Prepared:
    return ShotTypePublic.of(state, cdn).model_dump(mode="json")


def _shot(shot: Shot, shot_type: Prepared | None, chain: str | None) -> Prepared:
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
        "revisions": () if chain is None else orjson.Fragment(chain),
    }


def _id(id_: UUID | None) -> str | None:
    return None if id_ is None else str(id_)
