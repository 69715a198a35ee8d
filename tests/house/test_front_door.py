"""What people shouldn't send, at the real gateway with the real services behind it."""

from __future__ import annotations

import json
import socket
import time
from typing import Any
from uuid import UUID, uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from atelier.contracts.organizations import Role
from atelier.runtime.auth import InternalTokens, Principal
from house.front_door import PRESETS, SHOOTINGS, USERS, House, Person, Tenant, refused

JSON = {"Content-Type": "application/json"}
EXAMPLE = {"name": "Square", "width": 1, "height": 1, "due_date": "2030-01-01T00:00:00Z"}


async def signing_key(house: House) -> tuple[str, Ed25519PrivateKey]:
    """Identity's own key, which never leaves its database otherwise."""
    (row,) = await house.fetch("identity", "SELECT id, private_key FROM signing_keys")
    return str(row["id"]), Ed25519PrivateKey.from_private_bytes(row["private_key"])


def claims(person: Person, **others: Any) -> dict[str, Any]:
    """Of a good access token, but for what is given."""
    now = int(time.time())
    good = {"iss": "atelier", "aud": "atelier", "sub": person.id, "iat": now, "exp": now + 600, "jti": "1"}
    return {name: value for name, value in (good | others).items() if value is not None}


async def ask_with(house: House, token: str) -> httpx.Response:
    """A read with that token."""
    return await house.client(token).get(SHOOTINGS)


async def test_a_token_signed_with_our_key_is_good(house: House, stranger: Person) -> None:
    kid, key = await signing_key(house)
    token = jwt.encode(claims(stranger), key, "EdDSA", headers={"kid": kid})
    assert (await ask_with(house, token)).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"exp": 1_700_000_000, "iat": 1_699_999_000},
        {"exp": None},
        {"iat": None},
        {"iat": int(time.time()) + 86_400},
        {"iss": "elsewhere"},
        {"aud": "atelier-internal"},
        {"sub": "root"},
        {"sub": str(uuid4())},
        {"sub": None},
    ],
    ids=lambda wrong: "-".join(wrong),
)
async def test_a_token_with_wrong_claims_is_401(
    house: House, stranger: Person, wrong: dict[str, Any]
) -> None:
    kid, key = await signing_key(house)
    token = jwt.encode(claims(stranger, **wrong), key, "EdDSA", headers={"kid": kid})
    refused(await ask_with(house, token), 401)


async def test_a_token_that_we_didnt_sign_is_401(house: House, root: Person) -> None:
    kid, key = await signing_key(house)
    public = key.public_key().public_bytes_raw()
    secret = house.stack.service_environment("gateway")["INTERNAL_TOKEN_SECRET"]
    good = root.token.split(".")
    for token in (
        jwt.encode(claims(root), "", "none", headers={"kid": kid}),
        jwt.encode(claims(root), public, "HS256", headers={"kid": kid}),
        jwt.encode(claims(root), Ed25519PrivateKey.generate(), "EdDSA", headers={"kid": kid}),
        jwt.encode(claims(root), key, "EdDSA", headers={"kid": "../../etc/passwd"}),
        jwt.encode(claims(root), key, "EdDSA"),
        InternalTokens(secret, "gateway").mint(Principal(user_id=UUID(root.id), superuser=True)),
        f"{good[0]}.{good[1]}.",
        f"{good[0]}.{good[1]}.{'A' * 86}",
        "nonsense",
    ):
        refused(await ask_with(house, token), 401)


async def test_headers_that_say_who_somebody_is_have_no_effect(
    house: House, root: Person, stranger: Person, here: Tenant
) -> None:
    secret = house.stack.service_environment("gateway")["INTERNAL_TOKEN_SECRET"]
    internal = InternalTokens(secret, "gateway").mint(Principal(user_id=UUID(root.id), superuser=True))
    claimed = {
        "X-User-Id": root.id,
        "X-Principal": json.dumps({"superuser": True}),
        "X-Internal-Token": internal,
        "X-Forwarded-User": root.id,
        "X-Organization-Id": here.id,
        "Forwarded": "for=127.0.0.1",
        "X-Original-URL": "/internal/users",
        "X-HTTP-Method-Override": "DELETE",
    }
    refused(await house.client(**claimed).get(USERS), 401)
    refused(await stranger.http.get(USERS, headers=claimed), 403)
    made = await stranger.http.post(PRESETS, json=EXAMPLE, headers=claimed)
    assert (made.json()["owner_id"], made.json()["organization_id"]) == (stranger.id, None)


@pytest.mark.parametrize(
    "target",
    [
        "/internal/users",
        "//internal/users",
        "/internal//users",
        "/%69nternal/users",
        "/internal%2fusers",
        "/./internal/users",
        "/api/../internal/users",
        "/api/v1/%2e%2e/%2e%2e/internal/users",
        "/api/v1/users/..%2f..%2f..%2finternal/users",
        "/INTERNAL/users",
        "/internal/principals/00000000-0000-0000-0000-000000000001",
        "/internal/resolution-presets",
        "/internal/shootings;/",
        "http://127.0.0.1/internal/users",
        "/metrics",
        "/health/ready",
    ],
)
async def test_what_is_inside_cant_be_reached_from_outside(house: House, root: Person, target: str) -> None:
    answer = _raw(house, f"GET {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {root.token}\r\n")
    head, _, body = answer.partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 404"), answer
    assert json.loads(body).keys() == {"detail"}


def _raw(house: House, head: str) -> str:
    """The answer to a request that no client would send, byte for byte."""
    with socket.create_connection(("127.0.0.1", house.stack.gateway_port), timeout=20) as connection:
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode())
        with connection.makefile("rb") as answer:
            return answer.read().decode()


INSIDE = {
    "identity": ("GET", USERS, "users"),
    "catalog": ("GET", PRESETS, "resolution-presets"),
    "media": ("POST", "/api/v1/uploads/presigned-url", "media-resources"),
    "production": ("GET", SHOOTINGS, "shootings"),
    "generation": ("GET", f"/api/v1/products/{UUID(int=1)}/generations", "generations"),
    "export": ("GET", "/api/v1/products/export-tasks", "export-tasks"),
}
"""A public operation and a kind of each service."""


@pytest.mark.parametrize("service", INSIDE)
async def test_an_internal_port_refuses_who_comes_without_an_internal_token(
    house: House, root: Person, service: str
) -> None:
    """Also with a good access token, which is for the gateway, and with one of another secret."""
    method, public, kind = INSIDE[service]
    forged = InternalTokens("0" * 32, "gateway").mint(Principal.of_service("catalog"))
    async with house.inside(service, None) as client:
        for asked in ((method, public), ("GET", f"/internal/{kind}")):
            refused(await client.request(*asked, json={}), 401)
            for token in (root.token, forged):
                headers = {"Authorization": f"Bearer {token}"}
                refused(await client.request(*asked, json={}, headers=headers), 401)


async def test_only_services_ask_identity_what_somebody_may_do(house: House, root: Person) -> None:
    async with house.inside("identity", Principal(user_id=UUID(root.id), superuser=True)) as identity:
        refused(await identity.get(f"/internal/principals/{root.id}"), 403)
    async with house.inside("identity", Principal.of_service("gateway")) as identity:
        answer = await identity.get(f"/internal/principals/{root.id}")
        rights = {"user_id": root.id, "superuser": True, "organizations": {}}
        assert answer.json() == rights | {"not_before": None, "session_revoked": False}


def with_name(name: str) -> bytes:
    """A body whose name is written as it is into the JSON."""
    return json.dumps(EXAMPLE).replace('"Square"', name).encode()


BODIES = {
    "empty": b"",
    "half": b'{"name": ',
    "not an object": b"[1]",
    "NUL": with_name('"a\\u0000b"'),
    "NUL in an unknown field": b'{"x": {"y": ["\\u0000"]}}',
    "high surrogate": with_name('"\\ud800"'),
    "low surrogate": with_name('"a\\udfffb"'),
    "not UTF-8": b'{"name": "\xff"}',
    "deep list": b"[" * 10_000 + b"]" * 10_000,
    "deep object": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "NaN": b'{"name": NaN}',
    "number for a name": with_name("1"),
    "huge number": with_name("1" + "0" * 400),
    "long name": with_name('"' + "x" * 256 + '"'),
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
async def test_a_body_that_cant_be_kept_is_422_and_nothing_is(
    stranger: Person, body: bytes, path: str
) -> None:
    count = (await stranger.http.get(path)).json()["count"]
    refused(await stranger.http.post(path, content=body, headers=JSON), 422)
    assert (await stranger.http.get(path)).json()["count"] == count


@pytest.fixture(params=[PRESETS, SHOOTINGS], ids=["preset", "shooting"])
def path(request: pytest.FixtureRequest) -> str:
    """Each kind of entity in turn."""
    return str(request.param)


@pytest.mark.parametrize("width", [0, -1, 2**31, 2**63, 2**64, 10**40, 1.5, "x", None, [1], 1e308])
async def test_a_width_that_isnt_one_is_422(stranger: Person, width: Any) -> None:
    refused(await stranger.http.post(PRESETS, json=EXAMPLE | {"width": width}), 422)


@pytest.mark.parametrize(
    "query",
    [
        "limit=1000000000",
        "limit=0",
        "skip=-1",
        "skip=99999999999999999999",
        "organization_id=x",
        "page=0",
        "limit=%00",
    ],
)
async def test_a_query_that_means_nothing_is_422(stranger: Person, path: str, query: str) -> None:
    refused(await stranger.http.get(f"{path}?{query}"), 422)


async def test_ids_that_are_none_are_422_and_unknown_ones_404(stranger: Person, path: str) -> None:
    refused(await stranger.http.get(f"{path}1"), 422)
    refused(await stranger.http.get(path + "x" * 3000), 422)
    refused(await stranger.http.get(path + str(uuid4())), 404)
    refused(await stranger.http.get(f"{path}%00"), 404)


@pytest.mark.parametrize("size", [16 * 1024 * 1024 + 1, 24 * 1024 * 1024])
async def test_a_body_that_is_too_large_is_413(stranger: Person, path: str, size: int) -> None:
    whole = json.dumps(EXAMPLE | {"name": "x" * size}).encode()

    async def in_pieces() -> Any:
        for at in range(0, len(whole), 65_536):
            yield whole[at : at + 65_536]

    refused(await stranger.http.post(path, content=whole, headers=JSON), 413)
    refused(await stranger.http.post(path, content=in_pieces(), headers=JSON), 413)


async def test_another_media_type_is_no_json(stranger: Person, path: str) -> None:
    for media in ("text/plain", "application/xml", "application/x-www-form-urlencoded"):
        answer = await stranger.http.post(path, content=json.dumps(EXAMPLE), headers={"Content-Type": media})
        refused(answer, 415)


async def test_a_field_that_only_administrators_set_is_403(
    stranger: Person, root: Person, here: Tenant, path: str
) -> None:
    refused(await stranger.http.post(path, json=EXAMPLE | {"owner_id": root.id}), 403)
    refused(await here[Role.ADMIN].http.post(path, json=EXAMPLE | {"owner_id": stranger.id}), 403)
    refused(await root.http.post(path, json=EXAMPLE | {"owner_id": str(uuid4())}), 422)
    refused(await root.http.post(path, json=EXAMPLE | {"organization_id": str(uuid4())}), 422)


async def test_a_wrong_login_is_refused_alike_for_known_and_unknown_people(
    house: House, root: Person
) -> None:
    answers = [
        await house.client().post("/api/v1/login/access-token", data={"username": name, "password": "wrong"})
        for name in (root.email, "nobody@example.com", "a\0b", "x" * 10_000)
    ]
    assert {answer.status_code for answer in answers[:2]} <= {400, 401}
    assert answers[0].json() == answers[1].json()
    assert all(400 <= answer.status_code < 500 for answer in answers)


async def test_a_path_or_method_that_isnt_there_says_so(stranger: Person) -> None:
    refused(await stranger.http.get("/api/v1/nothing/"), 404)
    refused(await stranger.http.get(PRESETS.rstrip("/")), 404)
    answer = await stranger.http.delete(PRESETS)
    refused(answer, 405)
    assert answer.headers["Allow"] == "GET, POST"
