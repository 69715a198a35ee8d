"""Looks: a product on a subject, with the outfit around it."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from atelier.contracts.enums import OutfitGenerationStatus, ShootingLookStatus, ShotStatus
from atelier.contracts.public.media import MediaResourcePublic
from atelier.contracts.public.model import PublicEntity
from atelier.contracts.public.people import UserSummary
from atelier.contracts.public.presets import PosePresetPublic
from atelier.contracts.public.products import ProductPublic
from atelier.contracts.public.set_designs import SetDesignPublic
from atelier.contracts.public.shots import ShotPublic

READ_ONLY = Field(json_schema_extra={"readOnly": True})


class ShootingLookOutfitPublic(PublicEntity):
    """What is worn beside the look's product: other products, pictures, an instruction.

    A proposal has a `generation_status` and counts the tries after the first (`retry_count`);
    one that a person made has no such status.
    """

    shooting_look_id: UUID
    outfit_instruction: str | None = None
    outfit_product_ids: tuple[UUID, ...]
    outfit_products: tuple[ProductPublic, ...]
    outfit_ref_imgs_urls: tuple[str, ...]
    outfit_ref_images_media: tuple[MediaResourcePublic, ...] | None = None
    generation_status: OutfitGenerationStatus | None = None
    generation_error: str | None = None
    retry_count: int


class ShootingLookPublic(PublicEntity):
    """One product on one subject inside a shooting, with its shots.

    What the guidelines gave is fixed here when the look is made. The size is a resolution preset
    or `width` and `height` in pixels, never both. `status` is the look's own and `shot_status` the
    least advanced of its shots. `outfit` is the chosen one: `outfit_ref_imgs_urls`,
    `outfit_instruction` and `outfit_product_ids` repeat it and can't be written.
    `file_format` is what generation writes, not what export delivers.
    """

    shooting_id: UUID
    subject_id: UUID | None = None
    subject_name: str | None = None
    product_id: UUID | None = None
    product_name: str | None = None
    product_sku: str | None = None
    product_cover_image_url: str | None = None
    style_id: UUID | None = None
    resolution_preset_id: UUID | None = None
    width: int | None = None
    height: int | None = None
    background_preset_id: UUID | None = None
    set_design_id: UUID | None = None
    set_design: SetDesignPublic | None = None
    file_format: str = "JPG"
    status: ShootingLookStatus
    shot_status: ShotStatus | None = None
    assignee_id: UUID | None = None
    assignee: UserSummary | None = None
    pose_presets: tuple[PosePresetPublic, ...] = ()
    shots: tuple[ShotPublic, ...] = ()
    outfit_proposals: tuple[ShootingLookOutfitPublic, ...] = ()
    outfit_id: UUID | None = None
    outfit: ShootingLookOutfitPublic | None = None
    outfit_ref_imgs_urls: Annotated[tuple[str, ...], READ_ONLY]
    outfit_instruction: Annotated[str | None, READ_ONLY]
    outfit_product_ids: Annotated[tuple[UUID, ...], READ_ONLY]
