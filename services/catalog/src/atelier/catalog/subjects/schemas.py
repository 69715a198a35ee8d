"""Bodies and answers of the subjects' operations."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool

from atelier.catalog.pictures import Image, Images
from atelier.contracts.enums import BodyType, EyeColor, Gender, HairColor, SubjectAgeClass, SubjectType
from atelier.contracts.public.media import MediaInput
from atelier.contracts.public.subjects import BaseImagePublic
from atelier.runtime.http.bodies import RequestBody

Name = Annotated[str, Field(min_length=1, max_length=255)]
Line = Annotated[str, Field(max_length=255)]
Text = Annotated[str, Field(max_length=5000)]
Path = Annotated[str, Field(max_length=1024)]
Centimetres = Annotated[float, Field(strict=True, gt=0, le=1000, allow_inf_nan=False)]
Size = Annotated[float, Field(strict=True, gt=0, le=100, allow_inf_nan=False)]


class BaseImageCreate(RequestBody):
    """The picture that generation starts from, for one shot type."""

    shot_type_id: UUID
    image_url: Annotated[str, Field(min_length=1, description="A URL, a `data:` URL or base64.")]


class SubjectMeasurementsCreate(RequestBody):
    """A body: lengths in centimetres, `shoe_eu` a European shoe size."""

    height_cm: Centimetres | None = None
    bust_cm: Centimetres | None = None
    waist_cm: Centimetres | None = None
    hips_cm: Centimetres | None = None
    shoe_eu: Size | None = None
    eye_color: EyeColor | None = None
    hair_color: HairColor | None = None


class SubjectMeasurementsUpdate(SubjectMeasurementsCreate):
    """Changes of a body: what isn't sent stays, null clears."""


class SubjectCreate(RequestBody):
    """A new subject, at most one base image per shot type.

    Only administrators may set `owner_id`, `local_model_path` and the `lora_…` fields.
    """

    name: Name
    surname: Line | None = None
    description: Text | None = None
    age_class: SubjectAgeClass
    gender: Gender = Gender.FEMALE
    subject_type: SubjectType = SubjectType.AI
    body_type: BodyType | None = None
    ethnicity: Line | None = None
    positive_prompt: Text | None = None
    negative_prompt: Text | None = None
    public: StrictBool = False
    cover_image: Image
    portrait_image: Image | None = None
    data_images: Images | None = None
    portfolio_images: Annotated[list[MediaInput], Field(max_length=100)] | None = None
    base_images: Annotated[list[BaseImageCreate], Field(max_length=100)] | None = None
    measurements: SubjectMeasurementsCreate | None = None
    local_model_path: Path | None = None
    lora_trigger: Line | None = None
    lora_status: Line = "none"
    owner_id: UUID | None = None
    organization_id: UUID | None = None


class SubjectUpdate(RequestBody):
    """Changes of a subject: what isn't sent stays. `organization_id: null` makes it personal.

    `ready: false` keeps it out of new looks, `true` lets it in again. Lists are replaced whole. Null
    clears what is answered as null, and leaves the rest as it is. Only administrators may change
    `owner_id`, `local_model_path` and the `lora_…` fields.
    """

    name: Name | None = None
    surname: Line | None = None
    description: Text | None = None
    age_class: SubjectAgeClass | None = None
    gender: Gender | None = None
    body_type: BodyType | None = None
    ethnicity: Line | None = None
    positive_prompt: Text | None = None
    negative_prompt: Text | None = None
    public: StrictBool | None = None
    ready: StrictBool | None = None
    cover_image: Image | None = None
    portrait_image: Image | None = None
    data_images: Images | None = None
    portfolio_images: Annotated[list[MediaInput], Field(max_length=100)] | None = None
    measurements: SubjectMeasurementsUpdate | None = None
    local_model_path: Path | None = None
    lora_trigger: Line | None = None
    lora_status: Line | None = None
    owner_id: UUID | None = None
    organization_id: UUID | None = None


class BaseImageListResponse(BaseModel):
    """All base images of a subject that match."""

    data: list[BaseImagePublic]
