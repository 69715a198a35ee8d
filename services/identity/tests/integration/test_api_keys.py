"""API keys: made once, shown once, and good for what they are for."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from atelier.contracts.organizations import Role
from atelier.runtime.auth import Principal

KEYS, ORGANIZATIONS, USERS = "/api/v1/users/me/api-keys/", "/api/v1/organizations/", "/api/v1/users/"
RESOLVE = "/internal/api-keys/resolve"


@pytest.fixture
def gateway(identity: Any, client_for: Any) -> Any:
    """The gateway, asking for itself."""
    return client_for(identity, Principal.of_service("gateway"))


async def make(person: Any, **body: Any) -> dict[str, Any]:
    answer = await person.client.post(KEYS, json={"name": "robot", "scopes": ["read"]} | body)
    assert answer.status_code == 201
    return dict(answer.json())


async def resolve(client: Any, key: str) -> Any:
    return await client.post(RESOLVE, json={"digest": hashlib.sha256(key.encode()).hexdigest()})


async def organization(owner: Any, *members: Any) -> str:
    made = (await owner.client.post(ORGANIZATIONS, json={"name": uuid4().hex})).json()
    for member in members:
        sent = {"user_id": str(member.id), "role": "viewer"}
        await owner.client.post(f"{ORGANIZATIONS}{made['id']}/members", json=sent)
    return str(made["id"])


async def test_a_key_is_shown_once_and_known_by_its_beginning(identity: Any, person: Any) -> None:
    mira = await person()
    made = await make(mira, scopes=["write", "read"], expires_at="2100-01-01T02:00:00+02:00")
    assert made["key"].startswith(made["prefix"])
    assert (len(made["key"]), len(made["prefix"])) == (47, 12)
    assert made["scopes"] == ["read", "write"]
    assert made["expires_at"] == "2100-01-01T00:00:00Z"
    listed = (await mira.client.get(KEYS)).json()
    assert listed == {"data": [{name: made[name] for name in made if name != "key"}], "count": 1}
    async with identity.sessions() as session:
        row = (await session.execute(text("SELECT * FROM api_keys WHERE id = :id"), {"id": made["id"]})).one()
    assert row.digest == hashlib.sha256(made["key"].encode()).digest()
    assert made["key"] not in str(row)


async def test_a_repeated_request_makes_one_key_whose_secret_is_kept_nowhere(
    identity: Any, person: Any
) -> None:
    mira = await person()
    body, headers = {"name": "robot", "scopes": ["read"]}, {"Idempotency-Key": uuid4().hex}
    first = (await mira.client.post(KEYS, json=body, headers=headers)).json()
    again = await mira.client.post(KEYS, json=body, headers=headers)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first | {"key": None}
    assert (await mira.client.get(KEYS)).json()["count"] == 1
    async with identity.sessions() as session:
        bodies = (await session.execute(text("SELECT body FROM idempotency_keys"))).scalars().all()
    assert not any(first["key"].encode() in kept for kept in bodies)


async def test_a_key_is_its_user_with_its_scopes(gateway: Any, person: Any) -> None:
    mira = await person(is_superuser=True)
    mine = await organization(mira)
    made = await make(mira, scopes=["write"])
    assert (await resolve(gateway, made["key"])).json() == {
        "user_id": str(mira.id),
        "superuser": True,
        "organizations": {mine: "owner"},
        "api_key_id": made["id"],
        "scopes": ["write"],
        "confined_to": None,
    }


async def test_a_key_for_an_organization_is_for_nothing_else(
    identity: Any, client_for: Any, gateway: Any, person: Any
) -> None:
    mira, noor = await person(is_superuser=True), await person()
    mine, other = await organization(mira), await organization(mira)
    made = await make(mira, organization_id=mine, scopes=["read", "write"])
    rights = (await resolve(gateway, made["key"])).json()
    assert (rights["superuser"], rights["organizations"], rights["confined_to"]) == (
        False,
        {mine: "owner"},
        mine,
    )

    here = {UUID(mine): Role.OWNER}
    robot = client_for(
        identity, Principal(mira.id, organizations=here, api_key_id=made["id"], confined_to=UUID(mine))
    )
    assert (await robot.get(ORGANIZATIONS + mine)).json()["role"] == "owner"
    listed = (await robot.get(ORGANIZATIONS)).json()
    assert ([one["id"] for one in listed["data"]], listed["count"]) == ([mine], 1)
    assert (await robot.get(ORGANIZATIONS + other)).status_code == 404
    assert (await robot.patch(ORGANIZATIONS + other, json={"name": "x"})).status_code == 404
    assert (await robot.post(ORGANIZATIONS, json={"name": "New"})).status_code == 403
    assert (await robot.get(USERS)).status_code == 403
    sent = {"user_id": str(noor.id), "role": "viewer"}
    assert (await robot.post(f"{ORGANIZATIONS}{mine}/members", json=sent)).status_code == 201
    assert (await robot.get(KEYS)).json()["count"] == 1
    await make(mira)
    assert (await robot.get(KEYS)).json()["count"] == 1


async def test_a_key_for_an_organization_that_one_left_is_for_nothing(gateway: Any, person: Any) -> None:
    mira, noor = await person(), await person()
    theirs = await organization(noor, mira)
    made = await make(mira, organization_id=theirs)
    await mira.client.delete(f"{ORGANIZATIONS}{theirs}/members/{mira.id}")
    assert (await resolve(gateway, made["key"])).json()["organizations"] == {}


async def test_a_deleted_organization_takes_its_keys_along(gateway: Any, person: Any) -> None:
    mira = await person()
    mine = await organization(mira)
    made = await make(mira, organization_id=mine)
    assert (await mira.client.delete(ORGANIZATIONS + mine)).status_code == 200
    assert (await resolve(gateway, made["key"])).status_code == 404


async def test_a_deleted_or_expired_key_and_one_of_a_deactivated_user_are_no_keys(
    identity: Any, gateway: Any, person: Any, root: Any
) -> None:
    mira, noor = await person(), await person()
    deleted, expired, theirs = await make(mira), await make(mira), await make(noor)
    async with identity.sessions.begin() as session:
        past = text("UPDATE api_keys SET expires_at = now() WHERE id = :id")
        await session.execute(past, {"id": expired["id"]})
    for key in (deleted, expired, theirs):
        assert (await resolve(gateway, key["key"])).status_code == (200 if key is not expired else 404)
    assert (await mira.client.delete(KEYS + deleted["id"])).status_code == 200
    assert (await root.client.delete(f"{USERS}{noor.id}")).status_code == 200
    for key in (deleted, expired, theirs):
        assert (await resolve(gateway, key["key"])).status_code == 404
    assert [one["id"] for one in (await mira.client.get(KEYS)).json()["data"]] == [expired["id"]]


async def test_the_last_use_is_kept_to_the_minute(identity: Any, gateway: Any, person: Any) -> None:
    mira = await person()
    made = await make(mira)

    async def last_used() -> Any:
        return (await mira.client.get(KEYS)).json()["data"][0]["last_used_at"]

    assert await last_used() is None
    await resolve(gateway, made["key"])
    first = await last_used()
    assert datetime.now(UTC) - datetime.fromisoformat(first) < timedelta(minutes=1)
    await resolve(gateway, made["key"])
    assert await last_used() == first
    async with identity.sessions.begin() as session:
        earlier = "UPDATE api_keys SET last_used_at = last_used_at - interval '61 seconds' WHERE id = :id"
        await session.execute(text(earlier), {"id": made["id"]})
    await resolve(gateway, made["key"])
    assert await last_used() >= first


async def test_keys_are_their_users_alone(
    identity: Any, client_for: Any, person: Any, root: Any, nobody: Any
) -> None:
    mira, noor = await person(), await person()
    made = await make(mira)
    for other in (noor, root):
        assert (await other.client.get(KEYS)).json() == {"data": [], "count": 0}
        unknown = await other.client.delete(KEYS + str(uuid4()))
        theirs = await other.client.delete(KEYS + made["id"])
        assert (theirs.status_code, theirs.text) == (unknown.status_code, unknown.text) == (404, unknown.text)
    for method, path in (("GET", KEYS), ("POST", KEYS), ("DELETE", KEYS + made["id"])):
        assert (await nobody.request(method, path, json={"name": "x", "scopes": ["read"]})).status_code == 401


async def test_a_key_makes_and_deletes_no_keys(identity: Any, client_for: Any, person: Any) -> None:
    mira = await person()
    made = await make(mira)
    robot = client_for(identity, Principal(mira.id, api_key_id=UUID(made["id"])))
    assert (await robot.post(KEYS, json={"name": "more", "scopes": ["write"]})).status_code == 403
    assert (await robot.delete(KEYS + made["id"])).status_code == 403
    assert (await robot.get(KEYS)).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scopes": ["read"]}, "name"),
        ({"name": "", "scopes": ["read"]}, "name"),
        ({"name": "x" * 101, "scopes": ["read"]}, "name"),
        ({"name": "robot"}, "scopes"),
        ({"name": "robot", "scopes": []}, "scopes"),
        ({"name": "robot", "scopes": ["admin"]}, "scopes"),
        ({"name": "robot", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"name": "robot", "scopes": ["read"], "expires_at": "2100-01-01T00:00:00"}, "expires_at"),
        ({"name": "robot", "scopes": ["read"], "organization_id": str(uuid4())}, "organization_id"),
    ],
)
async def test_what_is_wrong_with_a_key_is_told_at_its_field(person: Any, body: Any, field: str) -> None:
    mira = await person()
    answer = await mira.client.post(KEYS, json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][:2] == ["body", field]
    assert (await mira.client.get(KEYS)).json()["count"] == 0


async def test_an_organization_of_others_is_as_unknown_as_none(person: Any) -> None:
    mira, noor = await person(), await person()
    answers = [
        await mira.client.post(KEYS, json={"name": "x", "scopes": ["read"], "organization_id": id_})
        for id_ in (await organization(noor), str(uuid4()))
    ]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].text == answers[1].text


async def test_nobody_has_keys_without_end(identity: Any, person: Any) -> None:
    mira = await person()
    async with identity.sessions.begin() as session:
        many = (
            "INSERT INTO api_keys (id, user_id, created_at, name, prefix, digest, may_read, may_write) "
            "SELECT gen_random_uuid(), :user, now(), 'key', 'atk_', sha256((n || :salt)::bytea), true, true "
            "FROM generate_series(1, 50) n"
        )
        await session.execute(text(many), {"user": mira.id, "salt": str(mira.id)})
    answer = await mira.client.post(KEYS, json={"name": "one more", "scopes": ["read"]})
    assert answer.status_code == 409
    page = (await mira.client.get(KEYS, params={"limit": 10})).json()
    assert (len(page["data"]), page["count"]) == (10, 50)


async def test_only_services_resolve_keys(person: Any, root: Any, nobody: Any, gateway: Any) -> None:
    key = (await make(await person()))["key"]
    for who, status in ((root.client, 403), (nobody, 401), (gateway, 200)):
        assert (await resolve(who, key)).status_code == status
    for digest in ("", "x" * 64, key, "0" * 63):
        assert (await gateway.post(RESOLVE, json={"digest": digest})).status_code == 422
    assert (await resolve(gateway, "atk_unknown")).status_code == 404
