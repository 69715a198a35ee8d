"""One active superuser always remains, also when two go at the same time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

USERS = "/api/v1/users/"
LAST = {"detail": "This is the last active superuser; make another one first."}


@pytest.fixture
async def alone(identity: Any, person: Any) -> Any:
    """The only active superuser."""
    async with identity.sessions.begin() as session:
        await session.execute(text("UPDATE users SET is_superuser = false"))
    return await person(is_superuser=True)


async def test_the_last_one_stays(alone: Any, person: Any) -> None:
    await person(is_superuser=True, is_active=False)
    path = f"{USERS}{alone.id}"
    before = (await alone.client.get(path)).json()
    for change in ({"is_active": False}, {"is_superuser": False}, {"is_superuser": False, "full_name": "X"}):
        answer = await alone.client.patch(path, json=change)
        assert (answer.status_code, answer.json()) == (409, LAST)
    answer = await alone.client.delete(path)
    assert (answer.status_code, answer.json()) == (409, LAST)
    assert (await alone.client.get(path)).json() == before
    assert (await alone.client.patch(path, json={"full_name": "Mira", "is_active": True})).status_code == 200


async def test_one_of_two_may_go(alone: Any, person: Any) -> None:
    other = await person(is_superuser=True)
    assert (await alone.client.patch(f"{USERS}{alone.id}", json={"is_superuser": False})).status_code == 200
    assert (await other.client.delete(f"{USERS}{other.id}")).status_code == 409


async def test_others_come_and_go_as_they_like(alone: Any, person: Any) -> None:
    other = await person()
    assert (await alone.client.delete(f"{USERS}{other.id}")).status_code == 200
    inactive = await person(is_superuser=True, is_active=False)
    demoted = await alone.client.patch(f"{USERS}{inactive.id}", json={"is_superuser": False})
    assert demoted.status_code == 200


@pytest.mark.parametrize("turn", range(5))
async def test_two_who_remove_each_other_at_once_leave_one(alone: Any, person: Any, turn: int) -> None:
    other = await person(is_superuser=True)
    first = alone.client.patch(f"{USERS}{other.id}", json={"is_superuser": False})
    second = other.client.delete(f"{USERS}{alone.id}")
    answers = await asyncio.gather(*((first, second) if turn % 2 else (second, first)))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json() == LAST
