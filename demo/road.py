"""The road from one end to the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from demo.api import Api
from demo.catalogue import Product, make_background, make_products, make_subject, shot_type_ids
from demo.delivery import deliver
from demo.pictures import Garment, Picture
from demo.progress import Stages
from demo.review import Reviewed, review
from demo.shooting import Setting, Shooting, plan, until_proposed

ARCHIVE = "approved.zip"


@dataclass(frozen=True)
class Studio:
    """What garments are photographed with: a picture of the subject for each shot type, a background,
    and the size of the pictures in pixels."""

    views: Mapping[str, Picture]
    background: Picture
    width: int
    height: int


@dataclass(frozen=True)
class Delivered:
    """What is at the end of the road."""

    shooting: Shooting
    reviewed: tuple[Reviewed, ...]
    archive: Path


async def walk(api: Api, garments: Sequence[Garment], studio: Studio, out: Path, stages: Stages) -> Delivered:
    """Take garments all the way to an archive in the folder `out`, which is there already."""
    products = await make_products(api, garments, stages.begin("Products", len(garments)))
    setting = await _set_up(api, studio, stages)
    shooting = await plan(api, products, setting)
    if shooting.skipped:
        stages.say(f"{shooting.skipped} shots are skipped: nobody has seen the back of these garments.")
    pictures = stages.begin("Pictures", len(shooting.shots))
    await until_proposed(api, shooting, shooting.shots, pictures)
    reviewing, again = stages.begin("Review", len(shooting.shots)), stages.begin("Rejected, made again", 1)
    reviewed = await review(api, shooting, reviewing, again)
    archive = await _deliver(api, shooting, products, out, stages)
    return Delivered(shooting, tuple(reviewed), archive)


async def _set_up(api: Api, studio: Studio, stages: Stages) -> Setting:
    shot_types = await shot_type_ids(api, list(studio.views))
    stage = stages.begin("Subject and background", len(studio.views) + 1)
    subject = await make_subject(api, studio.views, shot_types, stage)
    background = await make_background(api, studio.background)
    stage.advance()
    return Setting(subject, background, shot_types, studio.width, studio.height)


async def _deliver(
    api: Api, shooting: Shooting, products: Sequence[Product], out: Path, stages: Stages
) -> Path:
    archive = out / ARCHIVE
    await deliver(api, shooting, products, archive, stages.begin("Archive", len(shooting.shots)))
    return archive
