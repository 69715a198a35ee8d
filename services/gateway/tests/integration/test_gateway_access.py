"""Who gets in, as whom, and how fast a change of identity holds."""

import asyncio
import hashlib
import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

THINGS = "/api/v1/things/"


async def principal(door: Any, headers: dict[str, str]) -> Any:
    async with door.http.get(door.url + THINGS, headers=headers) as response:
        assert response.status == 200
        return door.principal_of(await response.json())


async def status(door: Any, headers: dict[str, str]) -> int:
    async with door.http.get(door.url + THINGS, headers=headers) as response:
        return int(response.status)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Authorization": "Bearer x.y.z"},
        {"X-User-Id": str(uuid4()), "X-Principal": "root", "X-Forwarded-User": "root"},
        {"Cookie": "access_token=abc"},
    ],
)
async def test_without_a_valid_token_it_is_401(door: Any, headers: dict[str, str]) -> None:
    async with door.http.get(door.url + THINGS, headers=headers) as response:
        assert response.status == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert "detail" in await response.json()


async def test_expired_and_forged_tokens_are_401(door: Any) -> None:
    assert await status(door, door.bearer(exp=int(time.time()) - 1)) == 401
    forged = jwt.encode(
        {"iss": "atelier", "aud": "atelier", "sub": str(uuid4()), "iat": 0, "exp": 2**40},
        Ed25519PrivateKey.generate(),
        algorithm="EdDSA",
        headers={"kid": "k1"},
    )
    assert await status(door, {"Authorization": f"Bearer {forged}"}) == 401


async def test_an_internal_token_from_outside_is_401(door: Any) -> None:
    async with door.http.get(f"{door.url}/api/v1/open") as response:
        inner = dict((await response.json())["headers"])["authorization"]
    assert await status(door, {"Authorization": inner}) == 401


async def test_the_principal_is_asked_once_and_used_again(door: Any) -> None:
    headers, before = door.bearer(), door.identity.asked
    for _ in range(5):
        await principal(door, headers)
    assert door.identity.asked == before + 1


async def test_a_write_to_identity_holds_at_once_on_the_same_token(door: Any) -> None:
    headers = door.bearer()
    assert not (await principal(door, headers)).superuser
    async with door.http.patch(f"{door.url}/api/v1/users/me", headers=headers) as response:
        assert response.status == 200
    assert (await principal(door, headers)).superuser


async def test_an_answer_asked_for_before_that_write_is_not_kept(door: Any) -> None:
    headers, writer = door.bearer(), door.bearer()
    await principal(door, writer)
    door.identity.slow, before = asyncio.Event(), door.identity.asked
    early = asyncio.create_task(principal(door, headers))
    await door.until(lambda: door.identity.asked == before + 1)
    async with door.http.patch(f"{door.url}/api/v1/users/me", headers=writer) as response:
        assert response.status == 200
    door.identity.slow.set()
    await early
    assert (await principal(door, headers)).superuser


async def test_reading_identity_forgets_nothing(door: Any) -> None:
    headers, before = door.bearer(), door.identity.asked
    await principal(door, headers)
    async with door.http.get(f"{door.url}/api/v1/users/me", headers=headers) as response:
        assert response.status == 200
    await principal(door, headers)
    assert door.identity.asked == before + 1


async def test_a_user_who_is_deactivated_is_401(door: Any) -> None:
    door.identity.active = False
    assert await status(door, door.bearer()) == 401


async def test_a_session_that_is_over_is_401(door: Any) -> None:
    session = str(uuid4())
    assert await status(door, door.bearer(sid=session)) == 200
    door.identity.revoked.add(session)
    assert await status(door, door.bearer(sid=session)) == 401


async def test_a_token_from_before_the_password_was_changed_is_401(door: Any) -> None:
    now = time.time()
    door.identity.not_before = datetime.fromtimestamp(now, UTC).isoformat().replace("+00:00", "Z")
    assert await status(door, door.bearer(iat=now - 0.01)) == 401
    assert await status(door, door.bearer(iat=now + 0.01)) == 200


async def test_an_api_key_gets_in_by_its_digest_and_goes_no_further(door: Any) -> None:
    user, secret = uuid4(), "atk_" + "s" * 43
    door.identity.api_keys[hashlib.sha256(secret.encode()).hexdigest()] = {
        "user_id": str(user),
        "superuser": False,
        "organizations": {},
        "api_key_id": str(uuid4()),
        "scopes": ["read"],
        "confined_to": str(uuid4()),
    }
    for headers in ({"X-API-Key": secret}, {"Authorization": f"Bearer {secret}"}):
        async with door.http.get(door.url + THINGS, headers=headers) as response:
            echoed = await response.json()
        asking = door.principal_of(echoed)
        assert (asking.user_id, asking.session_id) == (user, None)
        assert asking.api_key_id is not None
        assert asking.confined_to is not None
        assert secret not in str(echoed)
        async with door.http.post(door.url + THINGS, headers=headers, json={}) as response:
            assert response.status == 403
    assert await status(door, {"X-API-Key": "atk_" + "t" * 43}) == 401


async def test_an_identity_that_does_not_answer_is_503_and_what_needs_no_login_goes_on(door: Any) -> None:
    door.identity.slow = asyncio.Event()
    assert await status(door, door.bearer()) == 503
    async with door.http.get(f"{door.url}/api/v1/open") as response:
        assert response.status == 200
    door.identity.slow.set()


async def test_internal_operations_of_identity_are_not_there(door: Any) -> None:
    for path in ("/internal/principals/7", "/api/v1/../../internal/principals/7", "/internal"):
        answer = await door.raw(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 404")


async def test_the_public_keys_need_no_login(door: Any) -> None:
    async with door.http.get(f"{door.url}/.well-known/jwks.json") as response:
        assert (await response.json())["keys"][0]["kid"] == "k1"


async def test_the_caller_is_named_to_the_service_by_id(door: Any) -> None:
    user = uuid4()
    assert (await principal(door, door.bearer(sub=str(user)))).user_id == UUID(str(user))
