"""A shooting with looks, and the pictures that are made for their shots."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from atelier_client import every_async
from atelier_client.models import (
    GenerateShootingLooksRequest,
    GenerateShootingLooksResponse,
    GenerationPublic,
    ShootingCreate,
    ShotStatus,
    StartGenerationsRequest,
)
from demo.api import Api
from demo.catalogue import Product
from demo.errors import DemoError
from demo.progress import Stage

POLL = 0.5
"""Seconds between two questions how far the pictures are."""
WORRYING, STANDSTILL = 3.0, 180.0
"""Seconds without a new picture after which it looks why, and after which nobody waits any longer."""
WAITS_FOR_A_PICTURE = frozenset({"PENDING", "REJECTED"})
ENDED_BADLY = frozenset({"FAILED", "CANCELLED"})


@dataclass(frozen=True)
class Setting:
    """What every look of the shooting has in common; the size is that of its pictures in pixels."""

    subject_id: UUID
    background_id: UUID
    shot_types: Mapping[str, UUID]
    width: int
    height: int


@dataclass(frozen=True)
class Shot:
    """A picture to deliver, for which one is being made."""

    id: UUID
    product: Product
    shot_type: str


@dataclass(frozen=True)
class Shooting:
    """What was planned: `skipped` counts shots that can't be made, such as backs that nobody has seen."""

    id: UUID
    shots: tuple[Shot, ...]
    skipped: int


@dataclass(frozen=True)
class Prediction:
    """A finished picture."""

    id: UUID
    url: str


async def plan(api: Api, products: Sequence[Product], setting: Setting) -> Shooting:
    """A shooting with a look for each product, and a first picture asked for each shot."""
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(days=14)
    shooting = await api.shootings.create_shooting(
        body=ShootingCreate(name=f"Demo, due on {due:%d %B}", due_date=due, organization_id=api.organization),
        organization_id=api.organization,
    )
    wanted = GenerateShootingLooksRequest(
        product_ids=[product.id for product in products],
        subject_ids=[setting.subject_id],
        shot_type_ids=list(setting.shot_types.values()),
        default_background_preset_id=setting.background_id,
        default_width=setting.width,
        default_height=setting.height,
        generate_base_images=True,
    )
    made = await api.looks.create_shooting_looks(shooting.id, body=wanted, organization_id=api.organization)
    return _shooting(shooting.id, made, {product.id: product for product in products})


async def until_proposed(api: Api, shooting: Shooting, shots: Sequence[Shot], stage: Stage) -> None:
    """Wait until each of these shots has a picture. DemoError when one can't be made, or none comes."""
    waiting, moved = {shot.id: shot for shot in shots}, time.monotonic()
    while waiting:
        statuses = await _statuses(api, shooting.id)
        there = [id_ for id_ in waiting if statuses[id_] not in WAITS_FOR_A_PICTURE]
        for id_ in there:
            del waiting[id_]
        stage.advance(len(there))
        if there:
            moved = time.monotonic()
        elif waiting:
            if (standstill := time.monotonic() - moved) > WORRYING:
                await _give_up_on(api, next(iter(waiting.values())), standstill)
            await asyncio.sleep(POLL)


async def newest_prediction(api: Api, shot: Shot) -> Prediction:
    """The first picture of the newest generation that has one."""
    for generation in await _generations(api, shot):
        for prediction in generation.predictions:
            if prediction.status == "completed":
                return Prediction(prediction.id, str(prediction.result_image_url))
    raise DemoError(f"The {shot.shot_type} of {shot.product.garment.name} has no picture.")


async def try_again(api: Api, shot: Shot) -> None:
    """Ask for another picture of a shot."""
    await api.shots.generate_shot(shot.id, body=StartGenerationsRequest(generations_per_shot_type=1))


def _shooting(
    id_: UUID, made: GenerateShootingLooksResponse, products: Mapping[UUID | None, Product]
) -> Shooting:
    requested = {result.shot_id for result in made.generation_results}
    planned = [(look, shot) for look in made.looks for shot in look.shots]
    shots = tuple(
        Shot(shot.id, products[look.product_id], shot.shot_type.name if shot.shot_type else "")
        for look, shot in planned
        if shot.id in requested
    )
    return Shooting(id_, shots, len(planned) - len(shots))


async def _statuses(api: Api, shooting_id: UUID) -> dict[UUID, ShotStatus]:
    """Shot id → status."""
    shots = every_async(api.shots.list_shots, shooting_id=shooting_id, organization_id=api.organization)
    return {shot.id: shot.status async for shot in shots}


async def _generations(api: Api, shot: Shot) -> list[GenerationPublic]:
    """Those of the shot, newest first."""
    generations = await api.generations.list_generations_of_product(shot.product.id, limit=200)
    return [generation for generation in generations if generation.shot_id == shot.id]


async def _give_up_on(api: Api, shot: Shot, standstill: float) -> None:
    """DemoError where the newest try at that shot has ended without a picture, or nothing moves any more."""
    what = f"the {shot.shot_type} of {shot.product.garment.name}"
    generations = await _generations(api, shot)
    if generations and generations[0].status in ENDED_BADLY:
        reasons = {one.error_message for one in generations[0].predictions if one.error_message}
        raise DemoError(f"There is no picture of {what}: {'; '.join(sorted(reasons)) or 'it was cancelled'}.")
    if standstill > STANDSTILL:
        raise DemoError(f"No picture came in {STANDSTILL:.0f} s, not even {what}: see generation's log.")
