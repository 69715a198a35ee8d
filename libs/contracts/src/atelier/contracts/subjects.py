"""Subjects, as catalog owns them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar
from uuid import UUID

from atelier.contracts.enums import BodyType, EyeColor, Gender, HairColor, SubjectAgeClass, SubjectType
from atelier.contracts.media import Attached, Attaching, StoredMedia, one, several
from atelier.contracts.model import Contract, Event, Open


class BaseImageState(Contract):
    """The picture that generation starts from, one per shot type; the label is the shot type's name."""

    id: UUID
    shot_type_id: UUID
    shot_type_label: str
    image: StoredMedia


class MeasurementsState(Contract):
    """A body: lengths in centimetres, `shoe_eu` a European shoe size."""

    id: UUID
    height_cm: float | None = None
    bust_cm: float | None = None
    waist_cm: float | None = None
    hips_cm: float | None = None
    shoe_eu: float | None = None
    eye_color: Open[EyeColor] | None = None
    hair_color: Open[HairColor] | None = None


class SubjectState(Attaching):
    """A person, real or generated, who looks the same in every picture.

    `ready` means that new looks may use it: a cover image, at least one base image, and nobody
    holds it back.
    """

    kind: ClassVar[str] = "subjects"

    name: str
    surname: str | None = None
    slug: str
    description: str | None = None
    age_class: Open[SubjectAgeClass]
    gender: Open[Gender]
    subject_type: Open[SubjectType]
    body_type: Open[BodyType] | None = None
    ethnicity: str | None = None
    positive_prompt: str | None = None
    negative_prompt: str | None = None
    enabled: bool = True
    ready: bool = False
    lora_status: str = "none"
    lora_trigger: str | None = None
    local_model_path: str | None = None
    cover_image: StoredMedia | None = None
    portrait_image: StoredMedia | None = None
    data_images: tuple[StoredMedia, ...] = ()
    portfolio_images: tuple[StoredMedia, ...] = ()
    base_images: tuple[BaseImageState, ...] = ()
    measurements: MeasurementsState | None = None

    def attached(self) -> Iterator[Attached]:
        """Every picture of the subject; a base image is an entity of its own."""
        yield from one("SUBJECT", self.id, "cover_image", self.cover_image)
        yield from one("SUBJECT", self.id, "portrait_image", self.portrait_image)
        yield from several("SUBJECT", self.id, "data_images", self.data_images)
        yield from several("SUBJECT", self.id, "portfolio_images", self.portfolio_images)
        for base in self.base_images:
            yield from one("SUBJECT_BASE_IMAGE", base.id, "image", base.image)


class SubjectCreated(Event[SubjectState]):
    """A subject exists."""


class SubjectUpdated(Event[SubjectState]):
    """What is known of it, its pictures, or whose it is, changed."""
