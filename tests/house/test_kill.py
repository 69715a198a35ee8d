"""kill -9 of every service, again and again, under a stream of writes: nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import os
import random
import time
from pathlib import Path
from uuid import UUID

import pytest

from atelier.contracts.topics import TOPICS
from atelier.stack.services import SERVICES
from house import reconcile
from house.front_door import House, eventually
from house.topic_log import read_topics
from house.writers import Notes, Registrar, Writer, made_twice, unreadable

NAMES = [service.name for service in SERVICES]
ROUNDS = 2
BETWEEN = (1, 40)
"""Answers between two kills."""


async def hire(house: House, seed: int, notes: Notes) -> list[Writer]:
    """Five who write for themselves, and one who registers people."""
    root = await house.root()
    people = await asyncio.gather(*(house.person(root, "writer") for _ in range(5)))
    writers = [
        Writer(f"writer-{number}-{seed}", person, random.Random(f"{seed}/{number}"), notes)
        for number, person in enumerate(people)
    ]
    return [*writers, Registrar(f"registrar-{seed}", root, random.Random(f"{seed}/registrar"), notes)]


async def kill_everything_in_turn(house: House, seed: int, notes: Notes) -> list[str]:
    """Each service once a round, in a seeded order, so many answers after the one before."""
    moments, killed = random.Random(f"{seed}/kills"), []
    for _ in range(ROUNDS):
        for name in moments.sample(NAMES, len(NAMES)):
            await until_ready(house, name)
            await until_answered(notes, notes.answers + moments.randint(*BETWEEN))
            house.stack.kill_part(name)
            killed.append(f"{name} after {notes.answers}")
    for name in NAMES:
        await until_ready(house, name)
    return killed


async def until_ready(house: House, name: str) -> None:
    """Wait until the supervisor has brought that service back."""

    async def ready() -> bool:
        return house.stack.part(name).ready

    await eventually(ready, within=60)


async def until_answered(notes: Notes, count: int) -> None:
    """Wait until the writers have so many answers in all."""

    async def answered() -> bool:
        return notes.answers >= count

    await eventually(answered, within=60)


async def created(house: House) -> list[tuple[str, UUID]]:
    """(Name or address, id) of everything with either that was ever made, by its first event."""
    servers = house.stack.service_environment("identity")["KAFKA_BOOTSTRAP_SERVERS"]
    told = await read_topics(servers, TOPICS)
    states = [one.event.state for topic in TOPICS for one in told[topic] if one.version == 1]
    named = [(getattr(state, "name", None) or getattr(state, "email", ""), state.id) for state in states]
    return [(name.partition("@")[0], id_) for name, id_ in named if name]


async def write_while_it_is_killed(house: House, seed: int, notes: Notes) -> list[Writer]:
    """Everybody writes from before the first kill until after the last; who wrote."""
    writers, stopping = await hire(house, seed, notes), asyncio.Event()
    async with asyncio.TaskGroup() as running:
        for writer in writers:
            running.create_task(writer.run(stopping))
        killed = await kill_everything_in_turn(house, seed, notes)
        await until_answered(notes, notes.answers + BETWEEN[1])
        stopping.set()
    print(f"{notes.answers} answers to {notes.sent} requests; killed {', '.join(killed)}")
    return writers


@pytest.mark.timeout(400)
async def test_no_answered_write_is_lost_or_doubled_by_a_kill(hurt_house: House, tmp_path: Path) -> None:
    seed = int(os.environ.get("HOUSE_SEED", time.time_ns() % 1_000_000))
    print(f"HOUSE_SEED={seed}")
    with Notes(tmp_path / "notes.jsonl") as notes:
        writers = await write_while_it_is_killed(hurt_house, seed, notes)
        await reconcile.at_rest(hurt_house.stack)
        assert await reconcile.violations(hurt_house.stack) == []
        assert await unreadable(hurt_house, writers) == []
        assert made_twice(await created(hurt_house), writers) == []
    await hurt_house.replicas_are_as_their_owners()
