"""Bodies and answers of the looks' operations."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StrictBool

from atelier.contracts.enums import ProductGender, ShootingLookStatus
from atelier.contracts.public.looks import ShootingLookPublic
from atelier.contracts.public.media import MediaInput
from atelier.contracts.public.product_filters import ProductFilters
from atelier.production.generations.schemas import GenerationCreationResult
from atelier.runtime.http.bodies import RequestBody

MAX_LOOKS = 1000
LARGEST_SIDE = 4096
"""In pixels: what generation can hold of a picture in its memory."""
FILE_FORMATS = ("JPG", "JPEG", "PNG", "WEBP")


def _known_format(name: str) -> str:
    if name.upper() not in FILE_FORMATS:
        raise ValueError(f"generation writes {', '.join(FILE_FORMATS)}")
    return name.upper()


Side = Annotated[int, Field(strict=True, gt=0, le=LARGEST_SIDE, description="In pixels.")]
FileFormat = Annotated[str, AfterValidator(_known_format)]
Instruction = Annotated[str, Field(max_length=1000)]
Instructions = Annotated[str, Field(max_length=10_000)]
Products = Annotated[list[UUID], Field(min_length=1, max_length=MAX_LOOKS)]
OutfitProducts = Annotated[list[UUID], Field(max_length=50)]
Images = Annotated[list[str | MediaInput], Field(max_length=20)]
ShotTypes = Annotated[list[UUID], Field(max_length=50)]


class ProductOutfitConfig(RequestBody):
    """One product with what is worn beside it, and what its looks have of their own.

    The size is a resolution preset or width and height, never both; what isn't sent comes from the
    request's defaults.
    """

    product_id: UUID
    outfit_product_ids: OutfitProducts = Field(default_factory=list)
    outfit_instruction: Instruction | None = None
    outfit_ref_imgs_urls: Images | None = None
    style_id: UUID | None = None
    resolution_preset_id: UUID | None = None
    width: Side | None = None
    height: Side | None = None
    background_preset_id: UUID | None = None
    file_format: FileFormat = "JPG"


class GenerateShootingLooksRequest(RequestBody):
    """Looks of products on the subjects that fit them by gender, each with a shot per shot type.

    The products are exactly one of `product_ids`, `product_outfit_configs` and `product_filters`.
    `unisex_gender_preference` says whose subjects UNISEX products go with: those of one gender, or all.
    """

    product_ids: Products | None = None
    product_outfit_configs: (
        Annotated[list[ProductOutfitConfig], Field(min_length=1, max_length=MAX_LOOKS)] | None
    ) = None
    product_filters: ProductFilters | None = None
    subject_ids: Annotated[list[UUID], Field(max_length=MAX_LOOKS)] = Field(default_factory=list)
    shot_type_ids: ShotTypes = Field(default_factory=list)
    generate_outfit: StrictBool = False
    default_style_id: UUID | None = None
    default_resolution_preset_id: UUID | None = None
    default_width: Side | None = None
    default_height: Side | None = None
    default_background_preset_id: UUID | None = None
    default_file_format: FileFormat = "JPG"
    default_instructions: Instructions = ""
    pose_preset_ids: Annotated[list[UUID], Field(max_length=100)] | None = None
    set_design_id: UUID | None = None
    status: ShootingLookStatus | None = None
    generate_base_images: StrictBool = False
    unisex_gender_preference: ProductGender | None = None


class GenerateShootingLooksResponse(BaseModel):
    """The new looks, and the generations that were asked for, with the ids that they will have."""

    looks: list[ShootingLookPublic]
    generation_results: list[GenerationCreationResult] = []
    total_generations_created: int = 0


class ShootingLooksPublic(BaseModel):
    """A page of looks; `count` is of all that match."""

    data: list[ShootingLookPublic]
    count: int
