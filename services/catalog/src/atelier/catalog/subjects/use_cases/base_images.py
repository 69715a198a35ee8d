"""Base images: the pictures that generation starts from, one per shot type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from atelier.catalog.pictures import Pictures, SentPictures
from atelier.catalog.shot_types import use_cases as shot_types
from atelier.catalog.shot_types.models import ShotType
from atelier.catalog.subjects.models import Subject
from atelier.catalog.subjects.schemas import BaseImageCreate
from atelier.catalog.subjects.use_cases.finding import changeable, locked, read
from atelier.contracts.public.media import Cdn
from atelier.contracts.subjects import BaseImageState, SubjectState, SubjectUpdated
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Ownership
from atelier.runtime.clock import new_id
from atelier.runtime.errors import InvalidError, Location, NotFoundError
from atelier.runtime.http.versions import Expected
from atelier.runtime.media_client import MediaClient
from atelier.runtime.unit_of_work import UnitOfWork

WHAT = "Base image"


@dataclass(frozen=True)
class NewBaseImage:
    """A base image that a body names at a place, its shot type known, its picture not stored yet."""

    body: BaseImageCreate
    place: Location
    """Inside the body; empty where the body is the base image."""
    shot_type: ShotType
    id: UUID = field(default_factory=new_id)

    def send(self, sent: SentPictures) -> None:
        """Have its picture stored with the others of the body."""
        sent.of_part("SUBJECT_BASE_IMAGE", self.id, self.body.image_url, *self.place, "image_url")

    def with_picture(self, pictures: Pictures) -> dict[str, Any]:
        """The base image as its column holds it."""
        parts = {
            "id": self.id,
            "shot_type_id": self.shot_type.id,
            "shot_type_label": self.shot_type.name,
            "image": pictures.one(*self.place, "image_url"),
        }
        return BaseImageState.model_validate(parts).model_dump(mode="json")


async def new_base_images(
    uow: UnitOfWork, ownership: Ownership, bodies: Sequence[BaseImageCreate]
) -> list[NewBaseImage]:
    """The base images of a new subject.

    Raises `InvalidError` at a shot type that may not be used, or that another of them has already.
    """
    _require_each_once(bodies)
    places = [("base_images", index) for index in range(len(bodies))]
    return await _new(uow, ownership, bodies, places)


async def add_base_image(
    uow: UnitOfWork,
    media: MediaClient,
    principal: Principal,
    id_: UUID,
    organization_id: UUID | None,
    expected: Expected,
    body: BaseImageCreate,
) -> tuple[Subject, BaseImageState]:
    """Give a subject its base image for a shot type; it replaces the one that was there."""
    subject = await changeable(uow, principal, id_, organization_id, expected)
    ownership = _ownership(subject)
    (new,) = await _new(uow, ownership, [body], [()])
    await uow.pause()
    sent = SentPictures(SubjectState, id_, "SUBJECT")
    new.send(sent)
    pictures = await sent.ingest(media, principal, ownership)
    subject = await locked(uow, principal, id_, organization_id, expected)
    pictures.require_stored_for(_ownership(subject))
    base_image = new.with_picture(pictures)
    others = [one for one in subject.base_images if one["shot_type_id"] != base_image["shot_type_id"]]
    subject.base_images = [*others, base_image]
    uow.emit(subject, SubjectUpdated)
    return subject, BaseImageState.model_validate(base_image)


async def list_base_images(
    uow: UnitOfWork,
    principal: Principal,
    id_: UUID,
    organization_id: UUID | None,
    shot_type_id: UUID | None,
) -> list[BaseImageState]:
    """A subject's base images, or only that for a shot type, in the order in which they came."""
    subject = await read(uow, principal, id_, organization_id)
    found = [BaseImageState.model_validate(one) for one in subject.base_images]
    return [one for one in found if shot_type_id in (None, one.shot_type_id)]


async def remove_base_images(
    uow: UnitOfWork,
    cdn: Cdn,
    principal: Principal,
    id_: UUID,
    organization_id: UUID | None,
    expected: Expected,
    url: str,
) -> None:
    """Remove every base image that shows the picture with this URL: the same one may serve two shot types."""
    subject = await locked(uow, principal, id_, organization_id, expected)
    kept = [one for one in subject.base_images if cdn.url(BaseImageState.model_validate(one).image) != url]
    if len(kept) == len(subject.base_images):
        raise NotFoundError.of(WHAT)
    subject.base_images = kept
    uow.emit(subject, SubjectUpdated)


async def _new(
    uow: UnitOfWork, ownership: Ownership, bodies: Sequence[BaseImageCreate], places: Sequence[Location]
) -> list[NewBaseImage]:
    ids = {body.shot_type_id for body in bodies}
    usable = await shot_types.usable(uow, ownership, ids) if ids else {}
    for body, place in zip(bodies, places, strict=True):
        if body.shot_type_id not in usable:
            raise InvalidError.unknown("body", *place, "shot_type_id")
    return [
        NewBaseImage(body, place, usable[body.shot_type_id])
        for body, place in zip(bodies, places, strict=True)
    ]


def _require_each_once(bodies: Sequence[BaseImageCreate]) -> None:
    seen: set[UUID] = set()
    for index, body in enumerate(bodies):
        if body.shot_type_id in seen:
            msg = "This shot type has a base image already; there is one for each."
            raise InvalidError.field("body", "base_images", index, "shot_type_id", msg=msg)
        seen.add(body.shot_type_id)


def _ownership(subject: Subject) -> Ownership:
    return Ownership(subject.owner_id, subject.organization_id)
