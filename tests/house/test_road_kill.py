"""A whole road while everything on it is killed: it ends as if nothing had happened."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from pathlib import Path
from uuid import UUID
from zipfile import ZipFile

import pytest

from atelier_client import every_async
from demo.road import Delivered
from house import bucket, reconcile
from house.front_door import ORGANIZATIONS, House, Person, eventually
from house.road import Walker, walk_small, walking
from house.test_kill import NAMES, until_ready

LOOKS, SHOTS = 20, 2
VICTIMS = (*NAMES, "kafka", "postgres", "s3")
BETWEEN = (4, 32)
"""Answers between two kills."""
SWEPT_WITHIN = 60


async def kill_each(house: House, walker: Walker, seed: int, road: asyncio.Task[Delivered]) -> list[str]:
    """Everything once, in a seeded order, so many answers after the one before; ends with the road.

    A victim may still be on its way back when the next one falls.
    """
    moments, killed = random.Random(f"{seed}/road"), []
    for name in moments.sample(VICTIMS, len(VICTIMS)):
        await until_answered(walker, walker.answers + moments.randint(*BETWEEN), road)
        if road.done():
            break
        house.stack.kill_part(name)
        killed.append(f"{name} after {walker.answers}")
    for name in VICTIMS:
        await until_ready(house, name)
    return killed


async def until_answered(walker: Walker, count: int, road: asyncio.Task[Delivered]) -> None:
    """Wait until the walker has so many answers in all, or is there."""

    async def answered() -> bool:
        return walker.answers >= count or road.done()

    await eventually(answered, within=120)


async def walk_while_everything_is_killed(house: House, walker: Walker, seed: int, out: Path) -> Delivered:
    """Where the road ended."""
    road = asyncio.create_task(walk_small(walker, LOOKS, out))
    try:
        killed = await kill_each(house, walker, seed, road)
        delivered = await road
    finally:
        road.cancel()
    print(f"{walker.answers} answers; killed {', '.join(killed)}")
    assert len(killed) == len(VICTIMS), "the road was over too soon: make it longer or the pauses shorter"
    return delivered


async def everything_is_approved_once(walker: Walker, delivered: Delivered) -> None:
    """Each shot is approved; one was made twice, as it was rejected; the archive has one file each."""
    listed = every_async(
        walker.shots.list_shots, shooting_id=delivered.shooting.id, organization_id=walker.organization
    )
    shots = [shot async for shot in listed]
    assert Counter(shot.status for shot in shots) == {"APPROVED": LOOKS * SHOTS}
    assert Counter(len(shot.revisions) for shot in shots) == {1: LOOKS * SHOTS - 1, 2: 1}
    with ZipFile(delivered.archive) as archive:
        assert archive.testzip() is None
        assert len(set(archive.namelist())) == LOOKS * SHOTS


async def every_picture_was_made_once(house: House, organization: str) -> None:
    """One generation for each request, one prediction in each, one file for each prediction."""
    of_it = "FROM generations g JOIN predictions p ON p.generation_id = g.id WHERE g.organization_id = $1"
    made = await house.fetch("generation", f"SELECT g.id, p.id, p.status {of_it}", UUID(organization))
    assert len(made) == len({row[0] for row in made}) == LOOKS * SHOTS + 1
    assert {row[2] for row in made} == {"completed"}
    attached = "FROM media_attachments WHERE entity_type = 'PREDICTION' AND entity_id = ANY($1)"
    files = await house.fetch("media", f"SELECT entity_id {attached}", [row[1] for row in made])
    assert Counter(row[0] for row in files) == {row[1]: 1 for row in made}


async def answers_are_readable(walker: Walker) -> list[str]:
    """I5: what was answered and isn't there, or is there more than once, a line each."""
    made = walker.made()
    assert len(made) == LOOKS + 3 + LOOKS + LOOKS * SHOTS + 1  # products, …, looks, revisions
    wrong = [f"{path} twice" for path, times in Counter(path for path, _ in made).items() if times > 1]
    for path, answered in made:
        now = (await walker.send({"method": "GET", "url": path})).json()
        wrong += [f"{path}: {name}" for name in ("id", "created_at") if now[name] != answered[name]]
    return wrong


async def newcomer(house: House) -> tuple[Person, str]:
    """Somebody with an organization of their own."""
    person = await house.person(await house.root(), "walker")
    return person, str((await person.make(ORGANIZATIONS, name="On the road"))["id"])


async def swept(house: House) -> None:
    """Nothing is left of what requests meant to do and didn't."""

    async def clean() -> bool:
        return not await bucket.unswept(house.stack)

    await eventually(clean, SWEPT_WITHIN)


@pytest.mark.timeout(400)
async def test_a_road_on_which_everything_is_killed_ends_well(hurt_house: House, tmp_path: Path) -> None:
    seed = int(os.environ.get("HOUSE_SEED", time.time_ns() % 1_000_000))
    print(f"HOUSE_SEED={seed}")
    person, organization = await newcomer(hurt_house)
    async with walking(hurt_house, person, organization) as walker:
        delivered = await walk_while_everything_is_killed(hurt_house, walker, seed, tmp_path)
        await reconcile.at_rest(hurt_house.stack)
        await everything_is_approved_once(walker, delivered)
        await every_picture_was_made_once(hurt_house, organization)
        assert await answers_are_readable(walker) == []
    await swept(hurt_house)
    await reconcile.at_rest(hurt_house.stack)  # the bytes of what was swept go by jobs
    assert await reconcile.violations(hurt_house.stack) == []
    await hurt_house.replicas_are_as_their_owners()
