"""Shots and revisions as clients see them, prepared in a constant number of statements.

Every part of an answer is built here once, as `ShotPublic` and what is in it say; a test holds
the two together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from atelier.contracts.media import StoredMedia
from atelier.contracts.public.media import Cdn, MediaResourcePublic
from atelier.contracts.public.people import UserSummary
from atelier.contracts.public.shot_types import ShotTypePublic
from atelier.contracts.shot_types import ShotTypeState
from atelier.contracts.users import UserState
from atelier.production.shots import repository
from atelier.production.shots.models import Media, Shot
from atelier.production.shots.repository import ImageRow, RevisionRow
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
    revisions = await repository.revisions_of(uow, [shot.id for shot in shots])
    chains = await _show_revisions(uow, references, cdn, revisions)
    shot_types = await _shot_types(uow, references, cdn, {shot.shot_type_id for shot in shots})
    of_shot: defaultdict[str, list[Prepared]] = defaultdict(list)
    for row, revision in zip(revisions, chains, strict=True):
        of_shot[row.shot_id].append(revision)
    return [_shot(shot, shot_types.get(shot.shot_type_id), of_shot[str(shot.id)]) for shot in shots]


def show_planned(shots: Sequence[Shot], shot_types: Mapping[UUID, ShotTypeState], cdn: Cdn) -> list[Prepared]:
    """Shots that were just planned for these shot types: they have no revisions yet."""
    shown = {id_: _shot_type(state, cdn) for id_, state in shot_types.items()}
    return [_shot(shot, shown.get(shot.shot_type_id), ()) for shot in shots]


async def show_revision(uow: UnitOfWork, references: References, cdn: Cdn, revision_id: UUID) -> Prepared:
    """One revision that is there; what was changed has to be flushed before."""
    rows = await repository.revisions_by_id(uow, revision_id)
    (revision,) = await _show_revisions(uow, references, cdn, rows)
    return revision


def show_media(media: Media | None, cdn: Cdn) -> Prepared | None:
    """A `MediaResourcePublic` of a stored file as its column holds it."""
    if media is None:
        return None
    shown = {**media, "url": f"{cdn.base}/{media['key']}"}
    for name in KEPT_INSIDE:
        shown.pop(name, None)
    return shown


async def _show_revisions(
    uow: UnitOfWork, references: References, cdn: Cdn, rows: Sequence[RevisionRow]
) -> list[Prepared]:
    images: defaultdict[str, list[Prepared]] = defaultdict(list)
    for image in await repository.images_of(uow, [row.id for row in rows]):
        images[image.revision_id].append(_image(image, cdn))
    owners = await _people(uow, references, {row.owner_id for row in rows})
    return [_revision(row, owners.get(row.owner_id), images[row.id]) for row in rows]


async def _shot_types(uow: UnitOfWork, references: References, cdn: Cdn, ids: Collection[UUID]) -> Parts:
    states = await references.shown(ShotTypeState, ids, uow)
    return {id_: _shot_type(state, cdn) for id_, state in states.items()}


def _shot_type(state: ShotTypeState, cdn: Cdn) -> Prepared:
    return ShotTypePublic.of(state, cdn).model_dump(mode="json")


async def _people(uow: UnitOfWork, references: References, ids: Collection[str]) -> Mapping[str, Prepared]:
    states = await references.shown(UserState, {UUID(id_) for id_ in ids}, uow)
    return {
        str(id_): UserSummary.model_validate(state).model_dump(mode="json") for id_, state in states.items()
    }


def _shot(shot: Shot, shot_type: Prepared | None, revisions: Sequence[Prepared]) -> Prepared:
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
        "revisions": revisions,
    }


def _revision(row: RevisionRow, owner: Prepared | None, images: Sequence[Prepared]) -> Prepared:
    """Nothing pushes revisions yet, so no records are there to show."""
    return {
        "id": row.id,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "shot_id": row.shot_id,
        "version": row.version,
        "display_name": f"v{row.version}",
        "notes": row.notes,
        "shot_status": row.shot_status,
        "shot_revision_status": row.shot_revision_status,
        "owner_id": row.owner_id,
        "owner": owner,
        "previous_revision_id": row.previous_revision_id,
        "images": images,
        "effective_image_url": next((image["effective_image_url"] for image in images), None),
        "push_records": (),
        "push_status": None,
    }


def _image(row: ImageRow, cdn: Cdn) -> Prepared:
    image, sketch = show_media(row.image, cdn), show_media(row.sketch, cdn)
    url = image and image["url"]
    return {
        "id": row.id,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "shot_revision_id": row.revision_id,
        "source_type": row.source_type,
        "autogenerated": row.autogenerated,
        "prediction_id": row.prediction_id,
        "refine_id": row.refine_id,
        "image_url": url,
        "image_media": image,
        "sketch_image_url": sketch and sketch["url"],
        "sketch_image_media": sketch,
        "effective_image_url": url,
        "notes": row.notes,
    }


def _id(id_: UUID | None) -> str | None:
    return None if id_ is None else str(id_)
