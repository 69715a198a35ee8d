"""Gathers what the contact sheet shows: public pictures by their URLs, delivered ones from the archive."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

from demo.api import Api
from demo.catalogue import Product
from demo.contact_sheet import Entry, ShotRow
from demo.errors import DemoError
from demo.review import Reviewed
from demo.shooting import Shot

AT_ONCE = 8


async def entries(api: Api, reviewed: Sequence[Reviewed], archive: Path) -> list[Entry]:
    """An entry for each product, in the order of the shooting."""
    by_product: dict[UUID, list[Reviewed]] = defaultdict(list)
    for one in reviewed:
        by_product[one.shot.product.id].append(one)
    with ZipFile(archive) as delivered:
        slots = asyncio.Semaphore(AT_ONCE)
        rows = [_entry(api, slots, shots, delivered) for shots in by_product.values()]
        return await asyncio.gather(*rows)


async def _entry(api: Api, slots: asyncio.Semaphore, shots: Sequence[Reviewed], delivered: ZipFile) -> Entry:
    async with slots:
        product: Product = shots[0].shot.product
        rows = [await _row(api, one, delivered) for one in shots]
        cover = await api.fetch(product.cover_url)
    return Entry(product.garment.name, product.garment.sku, cover, tuple(rows))


async def _row(api: Api, one: Reviewed, delivered: ZipFile) -> ShotRow:
    predictions = [await api.fetch(prediction.url) for prediction in one.predictions]
    member = _member(delivered, one.shot)
    name = member.rpartition("/")[2]
    return ShotRow(one.shot.shot_type, tuple(predictions), delivered.read(member), name)


def _member(delivered: ZipFile, shot: Shot) -> str:
    """The file of that shot, by the SKU and shot type in its name. DemoError where it is missing."""
    mark = f"{shot.product.garment.sku}_{shot.shot_type}_"
    found = [name for name in delivered.namelist() if mark in name]
    if not found:
        raise DemoError(f"The archive has no file of {mark[:-1]}: it holds {delivered.namelist()}.")
    return found[0]
