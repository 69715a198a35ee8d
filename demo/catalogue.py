"""What a production is made from: products, a subject, a background. Bytes go straight to the storage."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from atelier_client.models import (
    BackgroundPresetCreate,
    BackgroundPresetFramingCreate,
    BaseImageCreate,
    ProductCreate,
    SubjectCreate,
)
from atelier_client.types import UNSET
from demo.api import Api
from demo.pictures import Garment, Picture
from demo.progress import Stage

AT_ONCE = 4
"""Uploads that run beside each other."""
BRAND = "Atelier"


@dataclass(frozen=True)
class Product:
    """A garment as catalog knows it."""

    id: UUID
    garment: Garment
    cover_url: str


async def upload(api: Api, picture: Picture) -> str:
    """Put a picture where the API says; the URL by which bodies name it."""
    return await api.upload(picture.content, picture.filename, picture.content_type, folder="demo")


async def make_products(api: Api, garments: Sequence[Garment], stage: Stage) -> list[Product]:
    """A product for each garment, in their order."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def make(garment: Garment) -> Product:
        async with slots:
            product = await _make_product(api, garment)
        stage.advance()
        return product

    return await asyncio.gather(*(make(garment) for garment in garments))


async def shot_type_ids(api: Api, names: Sequence[str]) -> dict[str, UUID]:
    """Name → id of standard shot types, in that order."""
    return {name: (await api.shot_types.read_shot_type_by_name(name)).id for name in names}


async def make_subject(
    api: Api, views: Mapping[str, Picture], shot_types: Mapping[str, UUID], stage: Stage
) -> UUID:
    """A subject with a base image for each shot type; its id. The first view is its cover."""
    base_images = []
    for shot_type, view in views.items():
        base_images.append(
            BaseImageCreate(shot_type_id=shot_types[shot_type], image_url=await upload(api, view))
        )
        stage.advance()
    subject = SubjectCreate(
        name="Neutral mannequin",
        description="A form without a face, for garments that speak for themselves.",
        age_class="adult",
        gender="FEMALE",
        cover_image=await upload(api, next(iter(views.values()))),
        base_images=base_images,
        organization_id=api.organization,
    )
    return (await api.subjects.create_subject(body=subject, organization_id=api.organization)).id


async def make_background(api: Api, picture: Picture) -> UUID:
    """A background preset that serves every framing; its id."""
    framing = BackgroundPresetFramingCreate(framing=None, image=await upload(api, picture))
    preset = BackgroundPresetCreate(name="Studio wall", framings=[framing], organization_id=api.organization)
    made = await api.background_presets.create_background_preset(
        body=preset, organization_id=api.organization
    )
    return made.id


async def _make_product(api: Api, garment: Garment) -> Product:
    product = ProductCreate(
        name=garment.name,
        sku=garment.sku,
        brand=BRAND,
        gender="UNISEX",
        colour=garment.colour,
        category=garment.category,
        organization_id=api.organization,
        cover_image=await upload(api, garment.front),
        back_image=UNSET if garment.back is None else await upload(api, garment.back),
    )
    made = await api.products.create_product(
        body=product,
        organization_id=api.organization,
        sync_captioning=False,  # nobody needs captions here, so the answer doesn't wait for them
    )
    return Product(made.id, garment, str(made.cover_image_url))
