"""A service that is away takes nobody else with it, and everybody is told."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from house.front_door import PRESETS, SHOOTINGS, House, Person, eventually, refused


@asynccontextmanager
async def away(house: House, service: str) -> AsyncIterator[None]:
    """kill -9 of a service; at the end it is back."""
    house.stack.kill_part(service)
    try:
        yield
    finally:

        async def well() -> bool:
            return (await house.client().get("/health")).status_code == 200

        await eventually(well, within=60)


async def unwell(house: House, service: str) -> bool:
    """Whether the gateway's health names that service and no other."""
    answer = await house.client().get("/health")
    services = answer.json()["services"]
    found = answer.status_code == 503 and services.pop(service) == "unreachable"
    return found and set(services.values()) == {"ok"}


async def test_it_is_503_with_a_word_and_the_others_go_on(hurt_house: House) -> None:
    root = await hurt_house.root()
    async with away(hurt_house, "catalog"):
        answer = await root.http.get(PRESETS)
        refused(answer, answer.status_code)
        assert answer.status_code in (502, 503)
        assert "catalog" in answer.json()["detail"]
        assert (await root.http.get(SHOOTINGS)).status_code == 200
        assert await unwell(hurt_house, "catalog")
    assert (await root.http.get(PRESETS)).status_code == 200


async def test_without_identity_nobody_new_comes_in_and_who_is_known_for_seconds_goes_on(
    hurt_house: House,
) -> None:
    root = await hurt_house.root()
    assert (await root.http.get(PRESETS)).status_code == 200
    async with away(hurt_house, "identity"):
        assert (await root.http.get(PRESETS)).status_code == 200
        form = {"username": root.email, "password": "whatever"}
        login = await hurt_house.client().post("/api/v1/login/access-token", data=form)
        refused(login, login.status_code)
        assert login.status_code in (502, 503)
        assert await unwell(hurt_house, "identity")


async def test_writes_go_on_while_the_broker_is_gone_and_are_told_afterwards(hurt_house: House) -> None:
    root = await hurt_house.root()
    hurt_house.stack.kill_part("kafka")
    made = await root.preset()
    waiting = await hurt_house.fetch("catalog", "SELECT aggregate_id FROM outbox")
    assert made["id"] in {str(row["aggregate_id"]) for row in waiting}

    async def told() -> bool:
        return not await hurt_house.fetch("catalog", "SELECT 1 FROM outbox")

    await eventually(told, within=60)
    await hurt_house.replicas_are_as_their_owners()


async def test_a_service_that_accepts_and_never_answers_holds_up_nobody_else(hurt_house: House) -> None:
    root: Person = await hurt_house.root()
    frozen = hurt_house.stack.running_part("catalog").pid
    os.kill(frozen, signal.SIGSTOP)
    try:
        for _ in range(20):
            assert (await root.http.get(SHOOTINGS)).status_code == 200
        assert await unwell(hurt_house, "catalog")
    finally:
        os.kill(frozen, signal.SIGCONT)
    assert (await root.http.get(PRESETS)).status_code == 200
