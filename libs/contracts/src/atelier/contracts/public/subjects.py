"""Subjects: the models who wear the products."""

from uuid import UUID

from atelier.contracts.enums import (
    BodyType,
    EyeColor,
    Gender,
    HairColor,
    SubjectAgeClass,
    SubjectType,
)
from atelier.contracts.public.media import Cdn, MediaResourcePublic
from atelier.contracts.public.model import PublicEntity, PublicModel
from atelier.contracts.subjects import BaseImageState, SubjectState
from atelier.contracts.types import UtcDatetime


class BaseImagePublic(PublicModel):
    """The picture of a subject that generation starts from, one per shot type.

    `shot_type_label` is the shot type's name.
    """

    shot_type_id: UUID
    shot_type_label: str
    image_url: str

    @classmethod
    def of(cls, state: BaseImageState, cdn: Cdn) -> "BaseImagePublic":
        """The base image as clients see it."""
        url = f"{cdn.base}/{state.image.key}"
        return cls(shot_type_id=state.shot_type_id, shot_type_label=state.shot_type_label, image_url=url)


class SubjectMeasurementsPublic(PublicModel):
    """A subject's body: lengths in centimetres, `shoe_eu` a European shoe size."""

    id: UUID
    height_cm: float | None = None
    bust_cm: float | None = None
    waist_cm: float | None = None
    hips_cm: float | None = None
    shoe_eu: float | None = None
    eye_color: EyeColor | None = None
    hair_color: HairColor | None = None


class SubjectPublic(PublicEntity):
    """A person, real or generated, who looks the same in every picture.

    `slug` is unique among the living of the organization or owner. `ready` means that new looks
    may use the subject: it has a cover image, at least one base image, and nobody holds it back.
    `lora_trigger` is the word in a prompt that calls up the subject's fine-tuned weights,
    `lora_status` how far these are. Each `*_url` is the URL of the medium of the same name.
    """

    name: str
    surname: str | None = None
    slug: str
    description: str | None
    age_class: SubjectAgeClass
    gender: Gender
    subject_type: SubjectType
    body_type: BodyType | None = None
    ethnicity: str | None
    positive_prompt: str | None = None
    negative_prompt: str | None = None
    public: bool
    enabled: bool
    ready: bool
    lora_status: str
    lora_trigger: str | None
    cover_image_url: str | None
    cover_image_media: MediaResourcePublic | None = None
    portrait_image_url: str | None = None
    portrait_image_media: MediaResourcePublic | None = None
    data_image_urls: tuple[str, ...]
    data_images_media: tuple[MediaResourcePublic, ...] | None = None
    portfolio_images_media: tuple[MediaResourcePublic, ...] | None = None
    base_images: tuple[BaseImagePublic, ...] = ()
    measurements: SubjectMeasurementsPublic | None = None
    owner_id: UUID
    organization_id: UUID | None = None
    deleted_at: UtcDatetime | None = None

    @classmethod
    def of(cls, state: SubjectState, cdn: Cdn) -> "SubjectPublic":
        """The subject as clients see it."""
        pictures = {
            "cover_image_url": cdn.url(state.cover_image),
            "cover_image_media": cdn.show(state.cover_image),
            "portrait_image_url": cdn.url(state.portrait_image),
            "portrait_image_media": cdn.show(state.portrait_image),
            "data_image_urls": cdn.urls(state.data_images),
            "data_images_media": cdn.show_all(state.data_images),
            "portfolio_images_media": cdn.show_all(state.portfolio_images),
            "base_images": tuple(BaseImagePublic.of(base, cdn) for base in state.base_images),
        }
        own = {name: getattr(state, name) for name in cls.model_fields if hasattr(state, name)}
        return cls.model_validate(own | pictures)
