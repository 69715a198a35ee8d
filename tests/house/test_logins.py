"""Logins and API keys at the front door: what ends them holds within seconds, whoever is told first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import pytest

from atelier.runtime.auth import Principal
from house.front_door import (
    LOGIN,
    ORGANIZATIONS,
    PRESETS,
    SHOOTINGS,
    USERS,
    House,
    Person,
    eventually,
    refused,
)

HOLDS_WITHIN = 6.0
"""Seconds: five, and one for the requests."""
REFRESH, LOGOUT = "/api/v1/login/refresh", "/api/v1/logout"
KEYS, PASSWORD = f"{USERS}me/api-keys/", f"{USERS}me/password"
SECRET = "correct horse"


@dataclass(frozen=True)
class Session:
    """A login with its tokens."""

    user_id: UUID
    id: UUID
    tokens: dict[str, Any]
    http: httpx.AsyncClient

    @property
    def principal(self) -> Principal:
        """Whom identity is told that asks."""
        return Principal(user_id=self.user_id, session_id=self.id)

    async def is_out(self) -> bool:
        """Whether every service's door is closed to it."""
        statuses = {(await self.http.get(path)).status_code for path in (PRESETS, SHOOTINGS, f"{USERS}me")}
        return statuses == {401}


async def log_in(house: House, email: str, password: str = SECRET) -> Session:
    tokens = (await house.client().post(LOGIN, data={"username": email, "password": password})).json()
    said = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    session = Session(UUID(said["sub"]), UUID(said["sid"]), tokens, house.client(tokens["access_token"]))
    assert not await session.is_out()
    return session


@pytest.fixture
async def email(root: Person) -> str:
    """The address of somebody new."""
    return str((await root.make(USERS, email=f"{uuid4()}@example.com", password=SECRET))["email"])


async def _log_out(identity: httpx.AsyncClient) -> httpx.Response:
    return await identity.post(LOGOUT)


async def _change_password(identity: httpx.AsyncClient) -> httpx.Response:
    body = {"current_password": SECRET, "new_password": "battery staple"}
    return await identity.patch(PASSWORD, json=body)


@pytest.mark.parametrize("end", [_log_out, _change_password])
async def test_a_token_is_refused_within_seconds_though_the_gateway_wasnt_told(
    house: House, email: str, end: Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]
) -> None:
    session = await log_in(house, email)
    async with house.inside("identity", session.principal) as identity:
        assert (await end(identity)).status_code in (200, 204)
    await eventually(session.is_out, within=HOLDS_WITHIN)


async def test_through_the_gateway_a_changed_password_holds_at_once(house: House, email: str) -> None:
    here, there = await log_in(house, email), await log_in(house, email)
    answer = await _change_password(here.http)
    assert answer.status_code == 200
    assert await here.is_out()
    assert await there.is_out()
    again = house.client(answer.json()["access_token"])
    assert (await again.get(PRESETS)).status_code == 200
    refused(await house.client().post(REFRESH, json={"refresh_token": there.tokens["refresh_token"]}), 401)
    refreshed = await house.client().post(REFRESH, json={"refresh_token": here.tokens["refresh_token"]})
    assert (await house.client(refreshed.json()["access_token"]).get(SHOOTINGS)).status_code == 200


async def test_a_refresh_token_that_comes_again_closes_the_door_to_both(house: House, email: str) -> None:
    session = await log_in(house, email)
    body = {"refresh_token": session.tokens["refresh_token"]}
    assert (await house.client().post(REFRESH, json=body)).status_code == 200
    assert not await session.is_out()
    refused(await house.client().post(REFRESH, json=body), 401)
    assert await session.is_out()


async def test_a_key_does_what_its_scopes_say_in_its_organization_until_it_is_deleted(
    house: House, root: Person
) -> None:
    owner = await house.person(root)
    organization = (await owner.make(ORGANIZATIONS, name="Robots"))["id"]
    mine, ours = await owner.preset(), await owner.preset(organization)
    made = await owner.make(KEYS, name="robot", scopes=["read"], organization_id=organization)
    robot = house.client(**{"X-API-Key": made["key"]})
    assert (await robot.get(PRESETS + ours["id"])).status_code == 200
    listed = await robot.get(PRESETS, params={"organization_id": organization})
    assert [one["id"] for one in listed.json()["data"]] == [ours["id"]]
    refused(await robot.get(PRESETS), 403)
    refused(await robot.get(PRESETS + mine["id"]), 404)
    refused(await robot.delete(PRESETS + ours["id"]), 403)
    async with house.inside("identity", Principal(UUID(owner.id), session_id=uuid4())) as identity:
        assert (await identity.delete(KEYS + made["id"])).status_code == 200

    async def is_out() -> bool:
        return (await robot.get(PRESETS + ours["id"])).status_code == 401

    await eventually(is_out, within=HOLDS_WITHIN)


async def test_a_rotation_of_keys_is_noticed_by_nobody(house: House, email: str) -> None:
    before = await log_in(house, email)
    rotated = await house.command("identity", "signing-keys", "rotate")
    assert rotated.returncode == 0, rotated.stderr
    keys = (await house.client().get("/.well-known/jwks.json")).json()["keys"]
    assert len(keys) >= 2
    after = await log_in(house, email)
    assert not await before.is_out()
    assert not await after.is_out()
