"""Logins that go on by refresh tokens, each good once, and end for good."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from sqlalchemy import text

from atelier.contracts.organizations import Role
from atelier.runtime.auth import Principal

LOGIN, REFRESH, LOGOUT = "/api/v1/login/access-token", "/api/v1/login/refresh", "/api/v1/logout"
PRINCIPALS = "/internal/principals/"
PASSWORD = "correct horse"


@pytest.fixture
def gateway(identity: Any, client_for: Any) -> Any:
    """The gateway, asking for itself."""
    return client_for(identity, Principal.of_service("gateway"))


async def log_in(client: Any, person: Any) -> dict[str, Any]:
    answer = await client.post(LOGIN, data={"username": person.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    return dict(answer.json())


async def refresh(client: Any, token: str) -> Any:
    return await client.post(REFRESH, json={"refresh_token": token})


def claims(tokens: dict[str, Any]) -> dict[str, Any]:
    return dict(jwt.decode(tokens["access_token"], options={"verify_signature": False}))


async def is_over(gateway: Any, tokens: dict[str, Any]) -> bool:
    """What the gateway is told of that session."""
    said = claims(tokens)
    answer = await gateway.get(f"{PRINCIPALS}{said['sub']}", params={"session_id": said["sid"]})
    return bool(answer.json()["session_revoked"])


async def test_a_login_goes_on_with_short_tokens_in_the_same_session(nobody: Any, person: Any) -> None:
    mira = await person()
    first = await log_in(nobody, mira)
    assert first["expires_in"] == timedelta(hours=12).total_seconds()
    answer = await refresh(nobody, first["refresh_token"])
    second = answer.json()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert second.keys() == first.keys()
    assert second["refresh_token"] != first["refresh_token"]
    assert second["expires_in"] == timedelta(minutes=15).total_seconds()
    assert claims(second)["exp"] - claims(second)["iat"] == second["expires_in"]
    assert (claims(second)["sub"], claims(second)["sid"]) == (str(mira.id), claims(first)["sid"])
    assert (await refresh(nobody, second["refresh_token"])).status_code == 200


async def test_every_login_is_a_session_of_its_own(nobody: Any, person: Any) -> None:
    mira = await person()
    assert claims(await log_in(nobody, mira))["sid"] != claims(await log_in(nobody, mira))["sid"]


async def test_a_token_used_again_ends_the_session_for_whoever_has_the_next(
    nobody: Any, gateway: Any, person: Any
) -> None:
    mira = await person()
    first, other = await log_in(nobody, mira), await log_in(nobody, mira)
    second = (await refresh(nobody, first["refresh_token"])).json()
    assert not await is_over(gateway, second)
    again = await refresh(nobody, first["refresh_token"])
    assert (again.status_code, again.headers["www-authenticate"]) == (401, "Bearer")
    assert await is_over(gateway, first)
    thief = await refresh(nobody, second["refresh_token"])
    assert (thief.status_code, thief.text) == (401, again.text)
    assert not await is_over(gateway, other)
    assert (await refresh(nobody, other["refresh_token"])).status_code == 200


async def test_of_many_refreshes_at_once_one_wins(nobody: Any, person: Any, identity: Any) -> None:
    tokens = await log_in(nobody, await person())
    answers = await asyncio.gather(*[refresh(nobody, tokens["refresh_token"]) for _ in range(8)])
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 401, 409}
    async with identity.sessions() as session:
        made = "SELECT count(*) FROM refresh_tokens WHERE session_id = :id"
        assert (await session.execute(text(made), {"id": claims(tokens)["sid"]})).scalar_one() == 2


async def test_a_refresh_in_flight_is_waited_for_by_nobody(nobody: Any, person: Any, identity: Any) -> None:
    tokens = await log_in(nobody, await person())
    async with identity.engine.begin() as connection:
        locked = text("SELECT 1 FROM sessions WHERE id = :id FOR NO KEY UPDATE")
        await connection.execute(locked, {"id": claims(tokens)["sid"]})
        assert (await refresh(nobody, tokens["refresh_token"])).status_code == 409
    assert (await refresh(nobody, tokens["refresh_token"])).status_code == 200


@pytest.mark.parametrize("token", ["atr_unknown", "x", "atr_é", "'; DROP TABLE sessions; --"])
async def test_what_is_no_refresh_token_is_401(nobody: Any, token: str) -> None:
    assert (await refresh(nobody, token)).status_code == 401


@pytest.mark.parametrize(
    "body", [{}, {"refresh_token": ""}, {"refresh_token": "x" * 129}, {"refresh_token": 1}]
)
async def test_half_a_refresh_is_422_and_echoes_nothing(nobody: Any, body: dict[str, Any]) -> None:
    answer = await nobody.post(REFRESH, json=body)
    assert answer.status_code == 422
    assert "xxx" not in answer.text


async def test_an_access_token_refreshes_nothing(nobody: Any, person: Any) -> None:
    tokens = await log_in(nobody, await person())
    assert (await refresh(nobody, tokens["access_token"][:128])).status_code == 401


async def test_only_digests_are_stored(nobody: Any, person: Any, identity: Any) -> None:
    tokens = await log_in(nobody, await person())
    async with identity.sessions() as session:
        rows = (await session.execute(text("SELECT digest FROM refresh_tokens"))).scalars().all()
    assert {len(row) for row in rows} == {32}
    assert tokens["refresh_token"].encode() not in rows


async def test_a_session_that_rested_too_long_or_lasted_too_long_is_over(
    nobody: Any, person: Any, identity: Any
) -> None:
    mira = await person()
    rested, old = await log_in(nobody, mira), await log_in(nobody, mira)
    async with identity.sessions.begin() as session:
        past = text("UPDATE sessions SET expires_at = now() - interval '1 second' WHERE id = :id")
        await session.execute(past, {"id": claims(rested)["sid"]})
        began = text("UPDATE sessions SET created_at = now() - interval '89 days 23 hours' WHERE id = :id")
        await session.execute(began, {"id": claims(old)["sid"]})
    assert (await refresh(nobody, rested["refresh_token"])).status_code == 401
    assert (await refresh(nobody, old["refresh_token"])).status_code == 200
    async with identity.sessions() as session:
        ends = text("SELECT expires_at - now() < interval '1 hour' FROM sessions WHERE id = :id")
        assert (await session.execute(ends, {"id": claims(old)["sid"]})).scalar_one()


async def test_a_logout_ends_the_session_that_asks_and_no_other(
    nobody: Any, gateway: Any, person: Any, identity: Any, client_for: Any
) -> None:
    mira = await person()
    here, there = await log_in(nobody, mira), await log_in(nobody, mira)
    client = client_for(identity, Principal(user_id=mira.id, session_id=claims(here)["sid"]))
    for _ in range(2):
        answer = await client.post(LOGOUT)
        assert (answer.status_code, answer.content) == (204, b"")
    assert await is_over(gateway, here)
    assert not await is_over(gateway, there)
    assert (await refresh(nobody, here["refresh_token"])).status_code == 401
    assert (await refresh(nobody, there["refresh_token"])).status_code == 200


async def test_a_logout_is_for_logins(identity: Any, client_for: Any, person: Any, nobody: Any) -> None:
    mira = await person()
    key = client_for(identity, Principal(user_id=mira.id, api_key_id=mira.id))
    assert (await key.post(LOGOUT)).status_code == 403
    assert (await nobody.post(LOGOUT)).status_code == 401


async def test_a_session_of_somebody_else_is_over(gateway: Any, nobody: Any, person: Any) -> None:
    mira, noor = await person(), await person()
    tokens = await log_in(nobody, mira)
    answer = await gateway.get(f"{PRINCIPALS}{noor.id}", params={"session_id": claims(tokens)["sid"]})
    assert answer.json()["session_revoked"] is True


async def test_a_deactivated_user_has_no_session_left_even_when_active_again(
    nobody: Any, gateway: Any, person: Any, root: Any
) -> None:
    mira = await person()
    tokens = await log_in(nobody, mira)
    path = f"/api/v1/users/{mira.id}"
    assert (await root.client.delete(path)).status_code == 200
    assert (await gateway.get(f"{PRINCIPALS}{mira.id}")).status_code == 404
    assert (await refresh(nobody, tokens["refresh_token"])).status_code == 401
    assert (await root.client.patch(path, json={"is_active": True})).status_code == 200
    assert await is_over(gateway, tokens)
    assert (await refresh(nobody, tokens["refresh_token"])).status_code == 401
    not_before = (await gateway.get(f"{PRINCIPALS}{mira.id}")).json()["not_before"]
    assert not_before is not None


async def test_a_login_that_a_change_of_password_overtakes_gets_nothing(
    identity: Any, nobody: Any, person: Any, monkeypatch: Any
) -> None:
    mira = await person()
    passwords = identity.app.state.passwords
    verify = passwords.verify

    async def slow(*args: Any) -> bool:
        matches: bool = await verify(*args)
        async with identity.sessions.begin() as session:
            changed = text("UPDATE users SET password_hash = 'another' WHERE id = :id")
            await session.execute(changed, {"id": mira.id})
        return matches

    monkeypatch.setattr(passwords, "verify", slow)
    answer = await nobody.post(LOGIN, data={"username": mira.email, "password": PASSWORD})
    assert answer.status_code == 401


async def test_the_kind_of_principal_stays_with_the_internal_token(identity: Any) -> None:
    one = uuid4()
    whole = Principal(
        user_id=one,
        organizations={one: Role.ADMIN},
        session_id=one,
        api_key_id=one,
        confined_to=one,
    )
    assert identity.tokens.read(identity.tokens.mint(whole)) == whole
