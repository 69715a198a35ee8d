"""Signing in: good tokens for the right password, one answer for everything else."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import jwt
import pytest

from atelier.identity.passwords import Passwords
from atelier.runtime.auth import Principal

LOGIN = "/api/v1/login/access-token"
JWKS = "/.well-known/jwks.json"
PASSWORD = "correct horse"


async def test_the_right_password_gets_a_token_that_the_published_key_verifies(
    nobody: Any, person: Any
) -> None:
    mira = await person()
    answer = await nobody.post(LOGIN, data={"username": mira.email, "password": PASSWORD})
    assert answer.status_code == 200
    assert answer.json().keys() == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert answer.json()["token_type"] == "bearer"

    claims = await _verified(nobody, answer.json()["access_token"])
    assert claims["sub"] == str(mira.id)
    assert timedelta(seconds=claims["exp"] - claims["iat"]) == timedelta(hours=12)


async def test_every_token_is_another(nobody: Any, person: Any) -> None:
    form = {"username": (await person()).email, "password": PASSWORD}
    answers = [await nobody.post(LOGIN, data=form) for _ in range(2)]
    ids = {(await _verified(nobody, answer.json()["access_token"]))["jti"] for answer in answers}
    assert len(ids) == 2


async def test_how_long_a_token_lasts_is_a_setting(make_identity: Any, client_for: Any) -> None:
    service = await make_identity(access_token_lifetime=timedelta(minutes=5))
    client = client_for(service, Principal.anonymous())
    form = {"username": "root@example.com", "password": "first password"}
    claims = await _verified(client, (await client.post(LOGIN, data=form)).json()["access_token"])
    assert claims["exp"] - claims["iat"] == 300


async def test_upper_and_lower_case_are_one_address(nobody: Any, person: Any) -> None:
    await person(email="Zoë.Case@example.com")
    answer = await nobody.post(LOGIN, data={"username": "zoë.cASE@Example.COM", "password": PASSWORD})
    assert answer.status_code == 200


async def test_a_wrong_login_does_not_tell_what_is_wrong(nobody: Any, person: Any) -> None:
    mira, gone = await person(), await person(is_active=False)
    wrong = [
        (mira.email, "correct horsf"),
        (mira.email, PASSWORD + "\0"),
        (mira.email, "x" * 100_000),
        (gone.email, PASSWORD),
        ("unknown@example.com", PASSWORD),
        ("no address", PASSWORD),
        (f"{mira.email}\0", PASSWORD),
        ("m" * 10_000, PASSWORD),
        ("'; DROP TABLE users; --", PASSWORD),
    ]
    answers = [
        await nobody.post(LOGIN, data={"username": username, "password": password})
        for username, password in wrong
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert {answer.headers["www-authenticate"] for answer in answers} == {"Bearer"}


@pytest.mark.parametrize(
    "content",
    [
        b"username=mira%40example.com",
        b"password=secret",
        b"",
        b"grant_type=implicit&username=a&password=b",
    ],
)
async def test_half_a_form_is_422(nobody: Any, content: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert (await nobody.post(LOGIN, content=content, headers=headers)).status_code == 422


@pytest.mark.parametrize(
    "content", [b"username=%ff%fe&password=%80", b"username=%ED%A0%80&password=%ED%A0%80", b"%00=%00&&&==="]
)
async def test_odd_characters_are_no_login_and_no_error(nobody: Any, content: bytes) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    assert (await nobody.post(LOGIN, content=content, headers=headers)).status_code in (401, 422)


@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "unicode_escape", "nonsense"])
async def test_odd_character_sets_are_no_login_and_no_error(nobody: Any, charset: str) -> None:
    parts = (
        "--b\r\nContent-Disposition: form-data; name=username\r\n\r\n+2AA-\\ud800\\x00\r\n"
        "--b\r\nContent-Disposition: form-data; name=password\r\n\r\n+2AA-\\ud800\r\n--b--\r\n"
    )
    headers = {"content-type": f"multipart/form-data; boundary=b; charset={charset}"}
    answer = await nobody.post(LOGIN, content=parts.encode(), headers=headers)
    assert answer.status_code in (400, 401, 422)


async def test_json_is_no_login(nobody: Any, person: Any) -> None:
    body = {"username": (await person()).email, "password": PASSWORD}
    assert (await nobody.post(LOGIN, json=body)).status_code == 422


async def test_an_unknown_user_costs_as_much_as_a_known_one_and_neither_holds_a_connection(
    identity: Any, nobody: Any, person: Any, monkeypatch: Any
) -> None:
    hashes: list[str] = []
    connections: list[int] = []
    passwords: Passwords = identity.app.state.passwords
    verify = passwords._hasher.verify

    def spied(password: str, hash_: str) -> bool:
        hashes.append(hash_)
        connections.append(identity.engine.pool.checkedout())
        return verify(password, hash_)

    monkeypatch.setattr(passwords._hasher, "verify", spied)
    known = (await person()).email
    for username in (known, "unknown@example.com", "\0"):
        await nobody.post(LOGIN, data={"username": username, "password": "wrong"})
    costs = {hash_.rsplit("$", 2)[0] for hash_ in hashes}
    assert (len(hashes), len(costs)) == (3, 1)
    assert set(connections) == {0}


async def test_the_event_loop_goes_on_while_passwords_are_hashed(nobody: Any, person: Any) -> None:
    form = {"username": (await person()).email, "password": PASSWORD}
    logins = [asyncio.create_task(nobody.post(LOGIN, data=form)) for _ in range(4)]
    turns = 0
    while not all(login.done() for login in logins):
        await nobody.get(JWKS)
        turns += 1
    assert turns > 20
    assert {login.result().status_code for login in logins} == {200}


async def test_published_keys_have_no_private_part(nobody: Any) -> None:
    document = (await nobody.get(JWKS)).json()
    assert document.keys() == {"keys"}
    (key,) = document["keys"]
    assert key.keys() == {"kty", "crv", "alg", "use", "kid", "x"}
    assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("OKP", "Ed25519", "EdDSA", "sig")


async def _verified(client: Any, token: str) -> dict[str, Any]:
    """The claims, verified as anybody would with the published keys."""
    keys = jwt.PyJWKSet.from_dict((await client.get(JWKS)).json())
    header = jwt.get_unverified_header(token)
    assert header["alg"] == "EdDSA"
    return jwt.decode(
        token,
        keys[header["kid"]],
        algorithms=["EdDSA"],
        issuer="atelier",
        audience="atelier",
        options={"require": ["iss", "aud", "sub", "iat", "exp", "jti"]},
    )
