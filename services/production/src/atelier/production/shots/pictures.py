"""Where the images of a new revision come from: predictions and files, told of at their place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from atelier.contracts.enums import MediaResourceType, PredictionStatus, RevisionSource
from atelier.contracts.generations import PredictionState
from atelier.contracts.media import StoredMedia
from atelier.contracts.shots import ShotState
from atelier.production.shots.models import Shot
from atelier.production.shots.schemas import ShotRevisionImageData
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Ownership
from atelier.runtime.clock import new_id
from atelier.runtime.errors import InvalidError, Location, Problem
from atelier.runtime.media_client import Attachment, IngestItem, MediaClient
from atelier.runtime.references import References, require_reference
from atelier.runtime.unit_of_work import UnitOfWork

SOURCES = {
    RevisionSource.PREDICTION: ("prediction_id",),
    RevisionSource.REFINE: ("refine_id",),
    RevisionSource.UPLOAD: ("image_url", "image_data"),
}
"""The fields that name an image of each source; exactly one of them is sent."""
SKETCHES = ("sketch_image_url", "sketch_image_data")
IMAGE, SKETCH = "image", "sketch"


@dataclass(frozen=True)
class Picture:
    """What an image of a revision shows. The id is the image's, made before its files are attached."""

    id: UUID
    image: StoredMedia
    sketch: StoredMedia | None = None


@dataclass(frozen=True)
class _File:
    """A file that is to be ingested for a slot of the image at a position."""

    position: int
    slot: str
    item: IngestItem


def require_sources(images: Sequence[ShotRevisionImageData]) -> None:
    """Raise `InvalidError` where sources don't fit their `source_type`, or there are none or several."""
    problems = [problem for position, image in enumerate(images) for problem in _problems(position, image)]
    if problems:
        raise InvalidError(problems)


async def resolve(
    uow: UnitOfWork,
    references: References,
    media: MediaClient,
    principal: Principal,
    shot: Shot,
    images: Sequence[ShotRevisionImageData],
) -> list[Picture]:
    """The pictures in their order; call it while no transaction is open.

    Raises `InvalidError` for predictions that aren't of this shot or have no picture, refines, and
    files that can't be used, `TooLargeError` and `UnavailableError`.
    """
    ids = [new_id() for _ in images]
    predicted = await _predicted(uow, references, principal, shot, images)
    files = [
        file for position, image in enumerate(images) for file in _files(shot, ids[position], position, image)
    ]
    ownership = Ownership(shot.owner_id, shot.organization_id)
    stored = await media.ingest(principal, ownership, [file.item for file in files])
    _require_pictures(files, stored)
    found = predicted | {(f.position, f.slot): one for f, one in zip(files, stored, strict=True)}
    return [Picture(id_, found[n, IMAGE], found.get((n, SKETCH))) for n, id_ in enumerate(ids)]


def _problems(position: int, image: ShotRevisionImageData) -> Iterator[Problem]:
    fitting = SOURCES[image.source_type]
    sent = [name for names in SOURCES.values() for name in names if getattr(image, name) is not None]
    for name in sent:
        if name not in fitting:
            yield Problem(_place(position, name), f"An image by {image.source_type} has no {name}.")
    if not set(sent) & set(fitting):
        msg = f"An image by {image.source_type} needs {' or '.join(fitting)}."
        yield Problem(_place(position, fitting[0]), msg, "missing")
    for names in (fitting, SKETCHES):
        if len([name for name in names if getattr(image, name) is not None]) > 1:
            yield Problem(_place(position, names[1]), f"Send either {' or '.join(names)}.")


async def _predicted(
    uow: UnitOfWork,
    references: References,
    principal: Principal,
    shot: Shot,
    images: Sequence[ShotRevisionImageData],
) -> dict[tuple[int, str], StoredMedia]:
    """The pictures that come from predictions; there are no refines yet, so each is unknown."""
    asked = {n: image.prediction_id for n, image in enumerate(images) if image.prediction_id is not None}
    for position, image in enumerate(images):
        if image.refine_id is not None:
            raise InvalidError.unknown(*_place(position, "refine_id"))
    known = await references.fresh(uow, PredictionState, set(asked.values()), principal)
    return {(n, IMAGE): _picture_of(known, id_, shot, n) for n, id_ in asked.items()}


def _picture_of(known: dict[UUID, PredictionState], id_: UUID, shot: Shot, position: int) -> StoredMedia:
    place = _place(position, "prediction_id")
    prediction = require_reference(known, id_, *place)
    if prediction.shot_id != shot.id:
        raise InvalidError.unknown(*place)
    if prediction.status != PredictionStatus.COMPLETED or prediction.image is None:
        raise InvalidError.field(*place, msg="This prediction has no picture (yet); choose a completed one.")
    return prediction.image


def _files(shot: Shot, id_: UUID, position: int, image: ShotRevisionImageData) -> Iterator[_File]:
    """The files that an image of this id names; the attachment is told before the image exists."""
    for slot, names in ((IMAGE, SOURCES[RevisionSource.UPLOAD]), (SKETCH, SKETCHES)):
        attachment = Attachment(
            kind=ShotState.kind,
            aggregate_id=shot.id,
            entity_type="SHOT_REVISION_IMAGE",
            entity_id=id_,
            slot=slot,
        )
        for name in names:
            source = getattr(image, name)
            if source is not None:
                item = IngestItem(loc=_place(position, name), attachment=attachment, source=source)
                yield _File(position, slot, item)


def _require_pictures(files: Sequence[_File], stored: Sequence[StoredMedia]) -> None:
    for file, one in zip(files, stored, strict=True):
        if one.resource_type != MediaResourceType.IMAGE:
            raise InvalidError.field(*file.item.loc, msg="A revision's images are pictures.")


def _place(position: int, name: str) -> Location:
    return ("body", "images", position, name)
