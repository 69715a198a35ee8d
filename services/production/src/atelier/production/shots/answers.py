"""Shots and revisions as clients see them, put together in a constant number of statements.

The database writes every row's own members when the row changes (`repository.SHOWN`); here they are nested,
beside what others say. Reading rows in order to write them again was most of what a long list took.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from atelier.contracts.media import StoredMedia
from atelier.contracts.public.media import Cdn, MediaResourcePublic
from atelier.contracts.public.people import UserSummary
from atelier.contracts.public.shot_types import ShotTypePublic
from atelier.contracts.shot_types import ShotTypeState
from atelier.contracts.users import UserState
from atelier.production.shots import repository
from atelier.production.shots.models import Media, Revision, Shot
from atelier.runtime.http.prepared import Prepared, Written
from atelier.runtime.references import References
from atelier.runtime.unit_of_work import UnitOfWork

KEPT_INSIDE = tuple(StoredMedia.model_fields.keys() - MediaResourcePublic.model_fields.keys())
"""What a stored file is known by here, and not shown."""
CDN = "\x01"
"""Where the base of the CDN belongs in what is written: a setting, so no row keeps it."""
BY_SHOT, BY_REVISION = attrgetter("id"), attrgetter("revision_id")


@dataclass(frozen=True)
class _Others:
    """What others say of what shots refer to, as JSON; what nobody ever told of isn't in it."""

    shot_types: Mapping[UUID, str]
    owners: Mapping[UUID | None, str]


async def show_shots(
    uow: UnitOfWork, references: References, cdn: Cdn, shots: Sequence[Shot]
) -> list[Written]:
    """Shots with their revisions, in the given order; what was changed has to be flushed before.

    One that was deleted since it was read is left out.
    """
    rows = await repository.shown(uow, Shot.id, [shot.id for shot in shots])
    others = await _others(uow, references, cdn, rows)
    by_id = {id_: _written(_shot(list(of_shot), others), cdn) for id_, of_shot in groupby(rows, BY_SHOT)}
    return [by_id[shot.id] for shot in shots if shot.id in by_id]


async def show_of_looks(
    uow: UnitOfWork, references: References, cdn: Cdn, look_ids: Collection[UUID]
) -> Mapping[UUID, Sequence[Written]]:
    """The shots of each look that has some, in the order of their planning."""
    rows = await repository.shown(uow, Shot.look_id, look_ids)
    others = await _others(uow, references, cdn, rows)
    by_look: defaultdict[UUID, list[Written]] = defaultdict(list)
    for _, of_shot in groupby(rows, BY_SHOT):
        of_one = list(of_shot)
        by_look[of_one[0].look_id].append(_written(_shot(of_one, others), cdn))
    return by_look


async def show_revision(uow: UnitOfWork, references: References, cdn: Cdn, revision_id: UUID) -> Written:
    """One revision that is there; what was changed has to be flushed before."""
    rows = await repository.shown(uow, Revision.id, [revision_id])
    others = await _others(uow, references, cdn, rows)
    return _written(_revision(rows, others), cdn)


def show_planned(shots: Sequence[Shot], shot_types: Mapping[UUID, ShotTypeState], cdn: Cdn) -> list[Prepared]:
    """Shots that were just planned for these shot types: they have no revisions yet."""
    shown = {id_: _shot_type(state, cdn) for id_, state in shot_types.items()}
    return [_planned(shot, shown.get(shot.shot_type_id)) for shot in shots]


def show_media(media: Media | None, cdn: Cdn) -> Prepared | None:
    """A `MediaResourcePublic` of a stored file as its column holds it."""
    if media is None:
        return None
    shown = {**media, "url": f"{cdn.base}/{media['key']}"}
    for name in KEPT_INSIDE:
        shown.pop(name, None)
    return shown


async def _others(uow: UnitOfWork, references: References, cdn: Cdn, rows: Sequence[Any]) -> _Others:
    shot_types = await references.shown(ShotTypeState, {row.shot_type_id for row in rows}, uow)
    people = await references.shown(UserState, {row.owner_id for row in rows if row.owner_id}, uow)
    return _Others(
        {id_: ShotTypePublic.of(state, cdn).model_dump_json() for id_, state in shot_types.items()},
        {id_: UserSummary.model_validate(state).model_dump_json() for id_, state in people.items()},
    )


def _shot(rows: Sequence[Any], others: _Others) -> str:
    """A `ShotPublic` of the rows of one shot."""
    shot = rows[0]
    chain = (_revision(list(of_one), others) for id_, of_one in groupby(rows, BY_REVISION) if id_)
    shot_type = others.shot_types.get(shot.shot_type_id, "null")
    return f'{{{shot.shot},"shot_type":{shot_type},"revisions":[{",".join(chain)}]}}'


def _revision(rows: Sequence[Any], others: _Others) -> str:
    """A `ShotRevisionPublic` of the rows of one revision. Nothing pushes revisions yet."""
    revision = rows[0]
    images = ",".join(f"{{{row.image}}}" for row in rows if row.image)
    effective = f'"{CDN}/{revision.image_key}"' if revision.image_key else "null"
    return (
        f'{{{revision.revision},"owner":{others.owners.get(revision.owner_id, "null")},"images":[{images}],'
        f'"effective_image_url":{effective},"push_records":[],"push_status":null}}'
    )


def _written(shown: str, cdn: Cdn) -> Written:
    return Written(shown.replace(CDN, cdn.base))


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
