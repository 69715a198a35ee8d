"""What a production is made from: products, a subject, a background. Bytes go straight to the storage."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from demo.api import Api
from demo.pictures import Garment, Picture
from demo.progress import Stage

AT_ONCE = 4
"""Uploads that run beside each other."""
BRAND = "Atelier"


@dataclass(frozen=True)
class Product:
    """A garment as catalog knows it."""

    id: str
    garment: Garment
    cover_url: str


async def upload(api: Api, picture: Picture, name: str) -> str:
    """Put a picture where the API says; the URL by which bodies name it."""
    wanted = {
        "folder": "demo",
        "filename": picture.filename,
        "content_type": picture.content_type,
        "file_size": len(picture.content),
    }
    place = await api.post("/api/v1/uploads/presigned-url", f"{name}/upload", wanted)
    await api.put_file(place["upload_url"], picture.content, picture.content_type)
    return str(place["file_url"])


async def make_products(api: Api, garments: Sequence[Garment], stage: Stage) -> list[Product]:
    """A product for each garment, in their order."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def make(garment: Garment) -> Product:
        async with slots:
            product = await _make_product(api, garment)
        stage.advance()
        return product

    return await asyncio.gather(*(make(garment) for garment in garments))


async def shot_type_ids(api: Api, names: Sequence[str]) -> dict[str, str]:
    """Name → id of standard shot types, in that order."""
    found = [await api.get(f"/api/v1/shot-types/name/{name}") for name in names]
    return {name: str(shot_type["id"]) for name, shot_type in zip(names, found, strict=True)}


async def make_subject(
    api: Api, views: Mapping[str, Picture], shot_types: Mapping[str, str], stage: Stage
) -> str:
    """A subject with a base image for each shot type; its id. The first view is its cover."""
    urls = {}
    for shot_type, view in views.items():
        urls[shot_type] = await upload(api, view, f"subject/{shot_type}")
        stage.advance()
    base_images = [{"shot_type_id": shot_types[name], "image_url": url} for name, url in urls.items()]
    cover = await upload(api, next(iter(views.values())), "subject/cover")
    body = {
        "name": "Neutral mannequin",
        "description": "A form without a face, for garments that speak for themselves.",
        "age_class": "adult",
        "gender": "FEMALE",
        "cover_image": cover,
        "base_images": base_images,
        "organization_id": api.organization,
    }
    return str((await api.post("/api/v1/subjects/", "subject", body))["id"])


async def make_background(api: Api, picture: Picture) -> str:
    """A background preset that serves every framing; its id."""
    url = await upload(api, picture, "background")
    framings = [{"framing": None, "image": url}]
    body = {"name": "Studio wall", "framings": framings, "organization_id": api.organization}
    return str((await api.post("/api/v1/background-presets/", "background", body))["id"])


async def _make_product(api: Api, garment: Garment) -> Product:
    body = {
        "name": garment.name,
        "sku": garment.sku,
        "brand": BRAND,
        "gender": "UNISEX",
        "colour": garment.colour,
        "category": garment.category,
        "organization_id": api.organization,
        "cover_image": await upload(api, garment.front, garment.sku),
    }
    if garment.back is not None:
        body["back_image"] = await upload(api, garment.back, f"{garment.sku}/back")
    # nobody needs captions here, so the answer doesn't wait for them
    made = await api.post("/api/v1/products/?sync_captioning=false", garment.sku, body)
    return Product(str(made["id"]), garment, str(made["cover_image_url"]))
