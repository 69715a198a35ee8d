"""Users: administrators' operations, and what everybody may do with themselves."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

USERS = "/api/v1/users/"
ME = "/api/v1/users/me"
LOGIN = "/api/v1/login/access-token"
FIELDS = {"id", "email", "full_name", "is_active", "is_superuser", "created_at", "updated_at"}


def body(**fields: Any) -> dict[str, Any]:
    return {"email": f"{uuid4().hex}@example.com", "password": "long enough"} | fields


async def test_a_user_is_registered_and_may_sign_in(root: Any, nobody: Any, events_of: Any) -> None:
    sent = body(email="Mira.Okafor@EXAMPLE.com", full_name="Mira Okafor")
    answer = await root.client.post(USERS, json=sent)
    assert answer.status_code == 201
    made = answer.json()
    assert made.keys() == FIELDS
    assert (made["email"], made["full_name"]) == ("Mira.Okafor@example.com", "Mira Okafor")
    assert (made["is_active"], made["is_superuser"]) == (True, False)
    assert (await root.client.get(USERS + made["id"])).json() == made
    assert "long enough" not in answer.text

    (told,) = await events_of(made["id"])
    assert (told.type, told.version, told.organization_id) == ("UserRegistered", 1, None)
    assert str(told.body.state.owner_id) == str(told.body.state.id) == made["id"]
    assert told.body.state.email == made["email"]
    login = await nobody.post(LOGIN, data={"username": made["email"], "password": "long enough"})
    assert login.status_code == 200


async def test_neither_password_nor_hash_is_kept_where_it_does_not_belong(root: Any, identity: Any) -> None:
    answer = await root.client.post(USERS, json=body(password="a rare secret"), headers=_key())
    assert answer.status_code == 201
    async with identity.sessions() as session:
        rows = [
            *(await session.execute(text("SELECT body FROM outbox"))).scalars(),
            *(
                await session.execute(text("SELECT convert_from(body, 'UTF8') FROM idempotency_keys"))
            ).scalars(),
        ]
    assert rows
    assert not any("a rare secret" in row or "argon2" in row or "password" in row for row in rows)


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "mira"},
        {"email": "mira@example.com\n"},
        {"email": "m" * 250 + "@example.com"},
        {"email": None},
        {"email": "mi\0ra@example.com"},
        {"password": "seven77"},
        {"password": "x" * 129},
        {"password": "long\0enough"},
        {"password": None},
        {"password": 12345678},
        {"full_name": "x" * 256},
        {"full_name": "a\0b"},
        {"is_active": "maybe"},
        {"is_superuser": None},
    ],
)
async def test_a_wrong_field_is_422_and_nobody_is_made(root: Any, wrong: dict[str, Any]) -> None:
    before = (await root.client.get(USERS)).json()["count"]
    answer = await root.client.post(USERS, json=body(**wrong))
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", *wrong]
    assert str(wrong["password"]) not in answer.text if "password" in wrong else True
    assert (await root.client.get(USERS)).json()["count"] == before


@pytest.mark.parametrize("length", [8, 128])
async def test_passwords_may_be_as_long_as_they_say(root: Any, length: int) -> None:
    assert (await root.client.post(USERS, json=body(password="é" * length))).status_code == 201


async def test_an_address_is_somebodys_alone_in_any_case(root: Any) -> None:
    sent = body()
    assert (await root.client.post(USERS, json=sent)).status_code == 201
    answer = await root.client.post(USERS, json=body(email=sent["email"].upper()))
    assert (answer.status_code, answer.json()) == (409, {"detail": "A user with this email exists already."})
    other = (await root.client.post(USERS, json=body())).json()
    answer = await root.client.patch(USERS + other["id"], json={"email": sent["email"].title()})
    assert (answer.status_code, answer.json()) == (409, {"detail": "A user with this email exists already."})
    assert (await root.client.get(USERS + other["id"])).json() == other


async def test_two_at_once_with_one_address_are_one_user_and_one_conflict(root: Any) -> None:
    sent = body()
    answers = await asyncio.gather(*[root.client.post(USERS, json=sent) for _ in range(4)])
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json() == {"detail": "A user with this email exists already."}


async def test_a_repeated_key_answers_the_same_user(root: Any) -> None:
    sent, key = body(), _key()
    first, again = [await root.client.post(USERS, json=sent, headers=key) for _ in range(2)]
    assert (again.status_code, again.json()) == (201, first.json())
    other = await root.client.post(USERS, json=sent | {"password": "another one"}, headers=key)
    assert other.status_code == 422


async def test_lists_are_newest_first_in_pages(root: Any) -> None:
    made = [(await root.client.post(USERS, json=body())).json() for _ in range(3)]
    listed = (await root.client.get(USERS, params={"limit": 2})).json()
    assert listed["data"] == [made[2], made[1]]
    assert listed["count"] > 3
    assert (await root.client.get(USERS, params={"page": 3, "size": 1})).json()["data"] == [made[0]]
    assert (await root.client.get(USERS, params={"page": 1, "skip": 0})).status_code == 422


async def test_only_administrators_manage_users(person: Any, nobody: Any) -> None:
    mira, other = await person(), await person()
    operations = [
        ("GET", USERS, None),
        ("POST", USERS, body()),
        ("GET", f"{USERS}{other.id}", None),
        ("GET", f"{USERS}{uuid4()}", None),
        ("PATCH", f"{USERS}{mira.id}", {"is_superuser": True}),
        ("PATCH", f"{USERS}{other.id}", {"full_name": "X"}),
        ("DELETE", f"{USERS}{mira.id}", None),
    ]
    for method, path, sent in operations:
        assert (await mira.client.request(method, path, json=sent)).status_code == 403
        refused = await nobody.request(method, path, json=sent)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
    for method in ("GET", "PATCH"):
        assert (await nobody.request(method, ME, json={})).status_code == 401


async def test_only_what_is_sent_changes(root: Any, person: Any, nobody: Any, events_of: Any) -> None:
    mira = await person(full_name="Mira")
    path = f"{USERS}{mira.id}"
    for change in (
        {"full_name": "M. Okafor"},
        {"full_name": None},
        {"is_superuser": True},
        {"is_active": True},
    ):
        before = (await root.client.get(path)).json()
        after = (await root.client.patch(path, json=change)).json()
        assert after == before | change | {"updated_at": after["updated_at"]}
    nulls = {"email": None, "password": None, "is_active": None, "is_superuser": None}
    assert (await root.client.patch(path, json=nulls)).json() == after
    told = await events_of(mira.id)
    assert [event.type for event in told] == ["UserRegistered"] + 3 * ["UserUpdated"]
    assert [event.version for event in told] == [1, 2, 3, 4]


async def test_an_administrator_sets_a_password(root: Any, person: Any, nobody: Any) -> None:
    mira = await person()
    answer = await root.client.patch(f"{USERS}{mira.id}", json={"password": "the new one"})
    assert answer.status_code == 200
    for password, status in (("correct horse", 401), ("the new one", 200)):
        login = await nobody.post(LOGIN, data={"username": mira.email, "password": password})
        assert login.status_code == status


async def test_a_deactivated_user_can_not_sign_in_until_activated(
    root: Any, person: Any, nobody: Any, events_of: Any
) -> None:
    mira = await person()
    path, form = f"{USERS}{mira.id}", {"username": mira.email, "password": "correct horse"}
    for _ in range(2):
        answer = await root.client.delete(path)
        assert (answer.status_code, answer.json()) == (200, {"message": "User deactivated."})
    assert (await nobody.post(LOGIN, data=form)).status_code == 401
    assert (await root.client.get(path)).json()["is_active"] is False
    assert (await root.client.patch(path, json={"is_active": True})).json()["is_active"] is True
    assert (await nobody.post(LOGIN, data=form)).status_code == 200
    assert (await root.client.patch(path, json={"is_active": False})).status_code == 200
    kinds = [event.type for event in await events_of(mira.id)]
    assert kinds == ["UserRegistered", "UserDeactivated", "UserUpdated", "UserDeactivated"]


async def test_a_stale_version_is_412(root: Any, person: Any) -> None:
    mira = await person()
    path = f"{USERS}{mira.id}"
    read = await root.client.get(path)
    assert read.headers["etag"] == '"1"'
    matched = {"If-Match": read.headers["etag"]}
    changed = await root.client.patch(path, json={"full_name": "M"}, headers=matched)
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    assert (await root.client.patch(path, json={"full_name": "N"}, headers=matched)).status_code == 412
    assert (await root.client.delete(path, headers=matched)).status_code == 412
    assert (await mira.client.patch(ME, json={"full_name": "N"}, headers=matched)).status_code == 412
    assert (await root.client.get(path)).json() == changed.json()


async def test_unknown_users_are_404_and_no_ids_422(root: Any) -> None:
    for id_, status in ((uuid4(), 404), ("mira", 422), ("%00", 422)):
        assert (await root.client.get(f"{USERS}{id_}")).status_code == status
        assert (await root.client.patch(f"{USERS}{id_}", json={})).status_code == status
        assert (await root.client.delete(f"{USERS}{id_}")).status_code == status


async def test_everybody_reads_and_changes_themselves(person: Any, events_of: Any) -> None:
    mira = await person()
    mine = await mira.client.get(ME)
    assert (mine.status_code, mine.json().keys()) == (200, FIELDS)
    new = f"{uuid4().hex}@example.com"
    answer = await mira.client.patch(ME, json={"full_name": "Mira", "email": new})
    assert answer.json() == mine.json() | {
        "full_name": "Mira",
        "email": new,
        "updated_at": answer.json()["updated_at"],
    }
    assert (await mira.client.get(ME)).json() == answer.json()
    last = (await events_of(mira.id))[-1]
    assert (last.type, last.version, last.body.state.email) == ("UserUpdated", 2, new)


async def test_nobody_gives_themselves_rights_or_anothers_address(person: Any) -> None:
    mira, other = await person(), await person()
    before = (await mira.client.get(ME)).json()
    answer = await mira.client.patch(ME, json={"is_superuser": True, "is_active": False, "id": str(other.id)})
    assert (answer.status_code, answer.json()) == (200, before)
    answer = await mira.client.patch(ME, json={"email": other.email})
    assert (answer.status_code, answer.json()) == (409, {"detail": "A user with this email exists already."})
    assert (await mira.client.patch(ME, json={"email": "mira"})).status_code == 422
    assert (await mira.client.get(ME)).json() == before


def _key() -> dict[str, str]:
    return {"Idempotency-Key": uuid4().hex}
