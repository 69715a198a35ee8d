"""Passwords: how they are chosen, changed and guessed at."""

from __future__ import annotations

import asyncio
import statistics
import time
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from sqlalchemy import text

from atelier.identity.users.models import User
from atelier.runtime.auth import Principal

LOGIN, REFRESH = "/api/v1/login/access-token", "/api/v1/login/refresh"
CHANGE, REGISTER = "/api/v1/users/me/password", "/api/v1/users/register"
USERS, PRINCIPALS = "/api/v1/users/", "/internal/principals/"
PASSWORD, ANOTHER = "correct horse", "battery staple"


@pytest.fixture(scope="module")
async def open_identity(make_identity: Any) -> Any:
    """Identity where anybody may register."""
    return await make_identity(registration=True)


@pytest.fixture
def gateway(identity: Any, client_for: Any) -> Any:
    """The gateway, asking for itself."""
    return client_for(identity, Principal.of_service("gateway"))


def form(email: str, password: str = PASSWORD) -> dict[str, str]:
    return {"username": email, "password": password}


async def change(client: Any, old: str = PASSWORD, new: str = ANOTHER, **headers: str) -> Any:
    body = {"current_password": old, "new_password": new}
    return await client.patch(CHANGE, json=body, headers=headers)


def claims(tokens: dict[str, Any]) -> dict[str, Any]:
    return dict(jwt.decode(tokens["access_token"], options={"verify_signature": False}))


async def test_a_new_password_holds_and_ends_every_other_session(
    identity: Any, client_for: Any, nobody: Any, gateway: Any, person: Any, events_of: Any
) -> None:
    mira = await person()
    here, there = [(await nobody.post(LOGIN, data=form(mira.email))).json() for _ in range(2)]
    client = client_for(identity, Principal(user_id=mira.id, session_id=claims(here)["sid"]))
    answer = await change(client)
    assert answer.status_code == 200
    assert answer.headers["etag"] == '"2"'
    assert answer.json().keys() == {"access_token", "token_type", "expires_in"}
    assert claims(answer.json())["sid"] == claims(here)["sid"]

    rights = (await gateway.get(f"{PRINCIPALS}{mira.id}", params={"session_id": claims(there)["sid"]})).json()
    assert rights["session_revoked"] is True
    not_before = datetime.fromisoformat(rights["not_before"]).timestamp()
    assert claims(here)["iat"] < not_before <= claims(answer.json())["iat"]
    assert (await nobody.post(REFRESH, json={"refresh_token": there["refresh_token"]})).status_code == 401
    assert (await nobody.post(REFRESH, json={"refresh_token": here["refresh_token"]})).status_code == 200
    assert (await nobody.post(LOGIN, data=form(mira.email))).status_code == 401
    assert (await nobody.post(LOGIN, data=form(mira.email, ANOTHER))).status_code == 200
    told = await events_of(mira.id)
    assert [event.type for event in told] == ["UserRegistered", "UserUpdated"]
    assert "password" not in str(told)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"current_password": "wrong horse", "new_password": ANOTHER}, "current_password"),
        ({"current_password": PASSWORD, "new_password": PASSWORD}, "new_password"),
        ({"current_password": PASSWORD, "new_password": "qwert7"}, "new_password"),
        ({"current_password": PASSWORD, "new_password": "x" * 129}, "new_password"),
        ({"current_password": PASSWORD, "new_password": "Password123"}, "new_password"),
        ({"current_password": PASSWORD, "new_password": "mira.okafor@example.com"}, "new_password"),
        ({"current_password": PASSWORD, "new_password": "MIRA.okafor"}, "new_password"),
        ({"new_password": ANOTHER}, "current_password"),
    ],
)
async def test_what_is_wrong_with_a_change_is_told_at_its_field_and_nothing_changes(
    identity: Any, person_in: Any, nobody: Any, body: dict[str, str], field: str
) -> None:
    async with identity.sessions.begin() as session:
        gone = text("UPDATE users SET email = id || '@example.com' WHERE email LIKE 'mira.okafor%'")
        await session.execute(gone)
    mira = await person_in(identity, email="mira.okafor@example.com")
    answer = await mira.client.patch(CHANGE, json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", field]
    assert not any(password in answer.text for password in body.values())
    async with identity.sessions() as session:
        user = await session.get(User, mira.id)
    assert (user.version, user.tokens_not_before) == (1, None)


async def test_a_stale_change_of_password_is_412(person: Any) -> None:
    mira = await person()
    assert (await change(mira.client, **{"If-Match": '"7"'})).status_code == 412
    assert (await change(mira.client, **{"If-Match": '"1"'})).status_code == 200


async def test_of_two_changes_at_once_one_wins(person: Any, nobody: Any) -> None:
    mira = await person()
    answers = await asyncio.gather(*[change(mira.client, new=f"battery staple {n}") for n in range(2)])
    assert sorted(answer.status_code for answer in answers) in ([200, 409], [200, 422])
    works = [
        (await nobody.post(LOGIN, data=form(mira.email, f"battery staple {n}"))).status_code for n in range(2)
    ]
    assert sorted(works) == [200, 401]


async def test_who_holds_a_key_changes_no_password_and_no_address(
    identity: Any, client_for: Any, person: Any
) -> None:
    mira = await person()
    key = client_for(identity, Principal(user_id=mira.id, api_key_id=uuid4()))
    assert (await change(key)).status_code == 403
    assert (await key.patch(f"{USERS}me", json={"email": "thief@example.com"})).status_code == 403
    assert (await key.patch(f"{USERS}me", json={"full_name": "Mira"})).status_code == 200


async def test_an_administrator_who_sets_a_password_ends_all_sessions(
    nobody: Any, gateway: Any, person: Any, root: Any
) -> None:
    mira = await person()
    tokens = (await nobody.post(LOGIN, data=form(mira.email))).json()
    answer = await root.client.patch(f"{USERS}{mira.id}", json={"password": ANOTHER})
    assert answer.status_code == 200
    rights = (
        await gateway.get(f"{PRINCIPALS}{mira.id}", params={"session_id": claims(tokens)["sid"]})
    ).json()
    assert rights["session_revoked"] is True
    assert rights["not_before"] is not None


@pytest.mark.parametrize(
    "password", ["password123", "QWERTYUIOP", "atelier123", "noor@example.com", "qwert7"]
)
async def test_administrators_set_no_poor_passwords_either(root: Any, person: Any, password: str) -> None:
    body = {"email": f"{uuid4().hex}@example.com", "password": password}
    if "@" in password:
        body["email"] = password
    answer = await root.client.post(USERS, json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "password"]
    assert password not in answer.text


# Guessing


async def guess(client: Any, email: str, address: str, password: str = "wrong horse") -> Any:
    return await client.post(LOGIN, data=form(email, password), headers={"X-Forwarded-For": address})


async def test_after_some_failures_an_account_waits_longer_and_longer_known_or_not(
    identity: Any, nobody: Any, person: Any
) -> None:
    for email in ((await person()).email, f"{uuid4().hex}@example.com"):
        statuses = [(await guess(nobody, email, f"192.0.2.{n}")).status_code for n in range(5)]
        assert statuses == [401] * 5
        for wait in (1, 2, 4, 8):
            assert await _last_wait(identity) == wait
            await _wait_goes_on(identity)
            refused = await guess(nobody, email.upper(), "198.51.100.7", PASSWORD)
            assert refused.status_code == 429
            assert refused.headers["retry-after"] in refused.json()["detail"]
            assert 3590 < int(refused.headers["retry-after"]) <= 3600 + wait
            await _wait_is_over(identity)
            assert (await guess(nobody, email, "198.51.100.7")).status_code == 401


async def test_the_longest_wait_is_a_setting(make_identity: Any, client_for: Any, person_in: Any) -> None:
    service = await make_identity(login_attempts_per_account=1, login_longest_wait=timedelta(seconds=3))
    client, email = client_for(service, Principal.anonymous()), "nobody@example.com"
    for _ in range(6):
        await _wait_is_over(service)
        await guess(client, email, "192.0.2.1")
    assert await _last_wait(service) == 3


async def test_the_right_password_makes_an_account_as_good_as_new(
    identity: Any, nobody: Any, person: Any
) -> None:
    mira = await person()
    for _ in range(3):
        for _ in range(4):
            assert (await guess(nobody, mira.email, "192.0.2.9")).status_code == 401
        assert (await guess(nobody, mira.email, "192.0.2.9", PASSWORD)).status_code == 200


async def test_many_guesses_at_once_get_no_more_looks_than_one_after_another(
    identity: Any, nobody: Any, person: Any
) -> None:
    mira = await person()
    await guess(nobody, mira.email, "192.0.2.10")
    async with identity.sessions.begin() as session:
        many = text("UPDATE attempts SET load = 14 WHERE counted_at = (SELECT max(counted_at) FROM attempts)")
        await session.execute(many)
    answers = await asyncio.gather(*[guess(nobody, mira.email, f"192.0.2.{n}") for n in range(100, 130)])
    assert sorted(answer.status_code for answer in answers) == [401] + [429] * 29


async def test_an_address_that_guesses_at_many_accounts_waits_and_others_dont(
    make_identity: Any, client_for: Any, person_in: Any
) -> None:
    service = await make_identity(login_attempts_per_address=4)
    client, mira = client_for(service, Principal.anonymous()), await person_in(service)
    for _ in range(4):
        assert (await guess(client, f"{uuid4().hex}@example.com", "2001:db8::1")).status_code == 401
    await _wait_goes_on(service)
    neighbour = await guess(client, mira.email, "2001:db8::ffff:2", PASSWORD)
    assert neighbour.status_code == 429
    for address in ("2001:db8:0:1::1", "192.0.2.1", "not an address"):
        assert (await guess(client, mira.email, address, PASSWORD)).status_code == 200


async def test_failures_are_forgiven_with_time(identity: Any, nobody: Any, person: Any) -> None:
    mira = await person()
    for _ in range(5):
        await guess(nobody, mira.email, "192.0.2.11")
    await _wait_goes_on(identity)
    assert (await guess(nobody, mira.email, "192.0.2.11")).status_code == 429
    await _wait_is_over(identity)
    async with identity.sessions.begin() as session:
        earlier = (
            "counted_at = counted_at - interval '1 hour', blocked_until = blocked_until - interval '1 hour'"
        )
        await session.execute(text(f"UPDATE attempts SET {earlier}"))
    for _ in range(4):
        assert (await guess(nobody, mira.email, "192.0.2.11")).status_code == 401


async def test_the_old_password_is_not_to_be_guessed_by_who_found_a_session(
    identity: Any, person: Any
) -> None:
    mira = await person()
    statuses = [(await change(mira.client, old=f"wrong horse {n}")).status_code for n in range(5)]
    assert statuses == [422] * 5
    await _wait_goes_on(identity)
    assert (await change(mira.client)).status_code == 429


async def test_nothing_that_was_typed_is_kept(identity: Any, nobody: Any) -> None:
    await guess(nobody, "my secret typed into the wrong field", "192.0.2.12")
    async with identity.sessions() as session:
        keys = (await session.execute(text("SELECT key FROM attempts"))).scalars().all()
    assert not any("secret" in key for key in keys)


async def test_known_unknown_and_deactivated_take_the_same_time(
    make_identity: Any, client_for: Any, person_in: Any
) -> None:
    """Medians over interleaved logins: what disturbs one kind disturbs all."""
    service = await make_identity(login_attempts_per_account=1000, login_attempts_per_address=1000)
    client = client_for(service, Principal.anonymous())
    emails = {
        "known": (await person_in(service)).email,
        "deactivated": (await person_in(service, is_active=False)).email,
        "unknown": "unknown@example.com",
    }
    took: dict[str, list[float]] = {kind: [] for kind in emails}
    for _ in range(12):
        for kind, email in emails.items():
            took[kind].append(await _seconds(guess(client, email, "192.0.2.13"), 401))
    _assert_alike(took)


async def _seconds(asked: Any, status: int) -> float:
    started = time.perf_counter()
    answer = await asked
    assert answer.status_code == status
    return time.perf_counter() - started


def _assert_alike(took: dict[str, list[float]]) -> None:
    """The medians differ by less than a third of one password's hashing takes."""
    medians = {kind: statistics.median(times) for kind, times in took.items()}
    assert max(medians.values()) < 1.35 * min(medians.values()), medians


async def _last_wait(service: Any) -> float:
    """Seconds that the newest attempt at an account has the next one wait."""
    async with service.sessions() as session:
        wait = (
            "SELECT extract(epoch FROM blocked_until - counted_at) FROM attempts WHERE key LIKE 'account:%' "
        )
        return float((await session.execute(text(wait + "ORDER BY counted_at DESC LIMIT 1"))).scalar_one())


async def _wait_goes_on(service: Any) -> None:
    """Waits that began last an hour longer: a slow machine doesn't sit them out."""
    async with service.sessions.begin() as session:
        longer = "UPDATE attempts SET blocked_until = blocked_until + interval '1 hour'"
        await session.execute(text(f"{longer} WHERE blocked_until > counted_at"))


async def _wait_is_over(service: Any) -> None:
    """As if the time had passed: the database's clock can't be set."""
    async with service.sessions.begin() as session:
        await session.execute(text("UPDATE attempts SET blocked_until = now()"))


# Registering


async def register(client: Any, email: str, **body: Any) -> Any:
    return await client.post(REGISTER, json={"email": email, "password": PASSWORD} | body)


async def test_registration_is_off_unless_it_is_turned_on(nobody: Any, identity: Any) -> None:
    answer = await register(nobody, "new@example.com")
    assert answer.status_code == 403
    assert "administrator" in answer.json()["detail"]
    async with identity.sessions() as session:
        made = "SELECT count(*) FROM users WHERE email = 'new@example.com'"
        assert (await session.execute(text(made))).scalar_one() == 0


async def test_who_registers_can_log_in_and_is_nothing_special(open_identity: Any, client_for: Any) -> None:
    client = client_for(open_identity, Principal.anonymous())
    sneaky = {"is_superuser": True, "is_active": False}
    answer = await register(client, "Noor@Example.com", full_name="Noor", **sneaky)
    assert answer.status_code == 202
    assert (await client.post(LOGIN, data=form("noor@example.com"))).status_code == 200
    async with open_identity.sessions() as session:
        user = (await session.execute(text("SELECT * FROM users WHERE email = 'Noor@example.com'"))).one()
        told = text("SELECT headers->>'ce_type' FROM outbox WHERE aggregate_id = :id")
        events = (await session.execute(told, {"id": user.id})).scalars().all()
    assert (user.full_name, user.is_superuser, user.is_active) == ("Noor", False, True)
    assert events == ["UserRegistered"]


async def test_an_address_that_is_taken_is_answered_alike_and_left_alone(
    open_identity: Any, client_for: Any, person_in: Any
) -> None:
    client = client_for(open_identity, Principal.anonymous())
    mira = await person_in(open_identity)
    taken = await register(client, mira.email.upper(), password=ANOTHER)
    free = await register(client, f"{uuid4().hex}@example.com", password=ANOTHER)
    assert (taken.status_code, taken.text) == (free.status_code, free.text)
    assert taken.headers.keys() == free.headers.keys()
    assert (await client.post(LOGIN, data=form(mira.email))).status_code == 200
    assert (await client.post(LOGIN, data=form(mira.email, ANOTHER))).status_code == 401


async def test_taken_and_free_addresses_take_the_same_time(
    open_identity: Any, client_for: Any, person_in: Any
) -> None:
    client, mira = client_for(open_identity, Principal.anonymous()), await person_in(open_identity)
    took: dict[str, list[float]] = {"taken": [], "free": []}
    for _ in range(12):
        took["taken"].append(await _seconds(register(client, mira.email), 202))
        took["free"].append(await _seconds(register(client, f"{uuid4().hex}@example.com"), 202))
    _assert_alike(took)


async def test_one_address_registered_many_times_at_once_is_one_user(
    open_identity: Any, client_for: Any
) -> None:
    client = client_for(open_identity, Principal.anonymous())
    answers = await asyncio.gather(*[register(client, "once@example.com") for _ in range(5)])
    assert {answer.status_code for answer in answers} == {202}
    async with open_identity.sessions() as session:
        made = "SELECT count(*) FROM users WHERE email = 'once@example.com'"
        assert (await session.execute(text(made))).scalar_one() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"password": "password123"}, "password"),
        ({"password": "poor@example.com"}, "password"),
        ({"password": "x"}, "password"),
        ({"email": "no address"}, "email"),
        ({"full_name": "x" * 256}, "full_name"),
    ],
)
async def test_half_a_registration_is_422(
    open_identity: Any, client_for: Any, body: dict[str, str], field: str
) -> None:
    client = client_for(open_identity, Principal.anonymous())
    answer = await register(client, **({"email": "poor@example.com"} | body))
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", field]


async def test_an_address_registers_so_many_and_then_waits(make_identity: Any, client_for: Any) -> None:
    service = await make_identity(registration=True, login_attempts_per_address=2)
    client = client_for(service, Principal.anonymous())
    client.headers["X-Forwarded-For"] = "192.0.2.20"
    statuses = [(await register(client, f"{uuid4().hex}@example.com")).status_code for _ in range(2)]
    assert statuses == [202, 202]
    await _wait_goes_on(service)
    assert (await register(client, f"{uuid4().hex}@example.com")).status_code == 429
