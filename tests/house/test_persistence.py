"""A house that was stopped, or killed whole, is the same house when it is started again."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import psutil

from house import reconcile
from house.front_door import ORGANIZATIONS, PRESETS, SHOOTINGS, House, Person, eventually
from house.reconcile import declarations
from house.road import walk_small, walking
from house.test_road_kill import newcomer

MANY = 10


async def write(root: Person) -> dict[str, dict[str, Any]]:
    """Some of everything; where each is and what was answered."""
    organization = await root.make(ORGANIZATIONS, name="Lasting")
    answered = {ORGANIZATIONS + organization["id"]: organization}
    for _ in range(MANY):
        preset, shooting = await root.preset(organization["id"]), await root.shooting()
        changed = await root.http.put(PRESETS + preset["id"], json={"width": 7})
        answered[PRESETS + preset["id"]] = changed.json()
        answered[SHOOTINGS + shooting["id"]] = shooting | {"looks": []}
    return answered


async def read(root: Person, answered: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What is there now in the same places."""
    return {path: (await root.http.get(path)).json() for path in answered}


def environments(house: House) -> dict[str, dict[str, str]]:
    """Ports, addresses and secrets of every service."""
    return {name: house.stack.service_environment(name) for name in (*declarations(), "gateway")}


def presets(answered: dict[str, dict[str, Any]]) -> list[str]:
    """The ids of those that are presets; each was changed once."""
    return [path.removeprefix(PRESETS) for path in answered if path.startswith(PRESETS)]


async def known_to_production(house: House, answered: dict[str, dict[str, Any]]) -> int:
    """How many of these presets production's replicas know by their last version."""
    statement = "SELECT 1 FROM replicas WHERE id = ANY($1::text[]::uuid[]) AND version = 2"
    return len(await house.fetch("production", statement, presets(answered)))


async def is_the_same(house: House, root: Person, answered: dict[str, dict[str, Any]]) -> None:
    """Answered writes are there, the token is still good, and what nobody had consumed is consumed."""
    assert await read(root, answered) == answered
    await reconcile.at_rest(house.stack)
    assert await reconcile.violations(house.stack) == []
    assert await known_to_production(house, answered) == len(presets(answered))


async def test_stopped_and_started_again_it_goes_on_where_it_was(hurt_house: House) -> None:
    stack, root = hurt_house.stack, await hurt_house.root()
    before = environments(hurt_house)
    stack.kill_part("production")
    answered = await write_to_catalog(root)
    assert await known_to_production(hurt_house, answered) == 0
    assert await asyncio.to_thread(stack.stop) == 0
    assert stack.processes() == []
    await asyncio.to_thread(stack.start)
    assert environments(hurt_house) == before
    await is_the_same(hurt_house, root, answered)


async def write_to_catalog(root: Person) -> dict[str, dict[str, Any]]:
    """Presets alone, since production isn't there to take anything."""
    answered = {}
    for _ in range(MANY):
        path = PRESETS + (await root.preset())["id"]
        answered[path] = (await root.http.put(path, json={"width": 7})).json()
    return answered


async def test_killed_whole_and_started_again_it_goes_on_where_it_was(hurt_house: House) -> None:
    stack, root = hurt_house.stack, await hurt_house.root()
    before = environments(hurt_house)
    answered = await write(root)
    os.kill(stack.running_part("production").pid, signal.SIGSTOP)
    unheard = await write_to_catalog(root)
    assert await known_to_production(hurt_house, unheard) == 0
    await asyncio.to_thread(kill_all, hurt_house)
    await asyncio.to_thread(stack.start)
    assert environments(hurt_house) == before
    await is_the_same(hurt_house, root, answered | unheard)


async def test_a_stack_that_is_stopped_in_the_middle_goes_on_where_it_was(
    hurt_house: House, tmp_path: Path
) -> None:
    person, organization = await newcomer(hurt_house)
    async with walking(hurt_house, person, organization) as walker:
        road = asyncio.create_task(walk_small(walker, 4, tmp_path))

        async def planned() -> bool:
            return road.done() or any(path.endswith("/looks") for path, _ in walker.answered)

        await eventually(planned, within=60)
        assert await asyncio.to_thread(hurt_house.stack.stop) == 0
        await asyncio.to_thread(hurt_house.stack.start)
        delivered = await road
        with ZipFile(delivered.archive) as archive:
            assert len(archive.namelist()) == len(delivered.shooting.shots) == 8
    await reconcile.at_rest(hurt_house.stack)
    assert await reconcile.violations(hurt_house.stack) == []


def kill_all(house: House) -> None:
    """kill -9 of everything at once, in no order: nothing gets to end cleanly."""
    running = house.stack.processes()
    for process in running:
        process.kill()
    house.stack.kill()
    psutil.wait_procs(running, timeout=10)
    assert house.stack.processes() == []
