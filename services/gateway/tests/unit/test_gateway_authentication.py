"""Tokens that are believed, tokens that aren't, and how long an answer of identity is used."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from atelier.contracts.organizations import Role
from atelier.gateway import answers, authentication
from atelier.gateway.answers import Refusal
from atelier.gateway.authentication import AccessTokens, Authentication, Callers, SigningKeys
from atelier.gateway.identity_client import Asking, Key, Login, Rights
from atelier.runtime.auth import InternalTokens, Principal

USER = uuid4()
SESSION = uuid4()
ASKING = Login(USER, SESSION)
API_KEY = b"atk_" + b"k" * 43
KEY = Ed25519PrivateKey.generate()
OTHER_KEY = Ed25519PrivateKey.generate()
INTERNAL = InternalTokens("s" * 32, "gateway")


def as_jwk(key: Ed25519PrivateKey, kid: str) -> dict[str, Any]:
    return {**jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid}


class FakeIdentity:
    """Identity as the gateway sees it: keys and principals that can change, or be away."""

    def __init__(self) -> None:
        self.known: list[Mapping[str, Any]] = [as_jwk(KEY, "k1")]
        self.known_rights: dict[Asking, Rights] = {ASKING: Rights(Principal(USER, session_id=SESSION))}
        self.away = False
        self.asked_for_keys = 0
        self.asked_for_rights = 0
        self.answering = asyncio.Event()
        self.answering.set()

    async def keys(self) -> list[Mapping[str, Any]]:
        self.asked_for_keys += 1
        if self.away:
            raise answers.unavailable("identity")
        return self.known

    async def rights(self, asking: Asking) -> Rights | None:
        self.asked_for_rights += 1
        known = self.known_rights.get(asking)
        await self.answering.wait()
        if self.away:
            raise answers.unavailable("identity")
        return known


class Watch:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture(name="identity")
def _identity() -> FakeIdentity:
    return FakeIdentity()


@pytest.fixture(name="watch")
def _watch() -> Watch:
    return Watch()


@pytest.fixture(name="tokens")
def _tokens(identity: FakeIdentity, watch: Watch) -> AccessTokens:
    return AccessTokens(SigningKeys(identity, watch))


@pytest.fixture(name="callers")
def _callers(identity: FakeIdentity, watch: Watch) -> Callers:
    return Callers(identity, INTERNAL, watch)


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    whole = {
        "iss": "atelier",
        "aud": "atelier",
        "sub": str(USER),
        "sid": str(SESSION),
        "iat": now,
        "exp": now + 600,
        "jti": "1",
    }
    return {name: value for name, value in {**whole, **changes}.items() if value is not None}


def token(key: Any = KEY, kid: Any = "k1", algorithm: str = "EdDSA", **changes: Any) -> bytes:
    headers = {} if kid is None else {"kid": kid}
    return b"Bearer " + jwt.encode(claims(**changes), key, algorithm=algorithm, headers=headers).encode()


def handmade(header: Any, payload: Any, sign: Callable[[bytes], bytes] = lambda _: b"") -> bytes:
    def encoded(part: bytes) -> bytes:
        return base64.urlsafe_b64encode(part).rstrip(b"=")

    whole = encoded(json.dumps(header).encode()) + b"." + encoded(json.dumps(payload).encode())
    return b"Bearer " + whole + b"." + encoded(sign(whole))


def public_bytes(encoding: Encoding, form: PublicFormat) -> bytes:
    return KEY.public_key().public_bytes(encoding, form)


def hs256_with(secret: bytes) -> bytes:
    header = {"alg": "HS256", "typ": "JWT", "kid": "k1"}
    return handmade(header, claims(), lambda whole: hmac.new(secret, whole, hashlib.sha256).digest())


def tampered() -> bytes:
    head, _, signature = token().split(b".")
    other = base64.urlsafe_b64encode(json.dumps(claims(sub=str(uuid4()))).encode()).rstrip(b"=")
    return head + b"." + other + b"." + signature


RAW = hs256_with(public_bytes(Encoding.Raw, PublicFormat.Raw))
PEM = hs256_with(public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
HOSTILE_KIDS = [
    "../../etc/passwd",
    "k1' OR '1'='1",
    "k1\x00",
    "http://127.0.0.1/key",
    "",
    "x" * 10_000,
    "ключ",
    "k2",
]
BAD = {
    "empty": b"",
    "no scheme": b"abc",
    "basic": b"Basic dXNlcjpwYXNz",
    "no token": b"Bearer ",
    "garbage": b"Bearer abc",
    "three parts": b"Bearer a.b.c",
    "not ascii": b"Bearer \xff\xfe",
    "two tokens": token() + b" " + token(),
    "alg none": handmade({"alg": "none", "kid": "k1"}, claims()),
    "alg None": handmade({"alg": "None", "kid": "k1"}, claims()),
    "alg missing": handmade({"kid": "k1"}, claims()),
    "alg a list": handmade({"alg": ["EdDSA"], "kid": "k1"}, claims()),
    "HS256 by the raw public key": RAW,
    "HS256 by the public key's PEM": PEM,
    "RS256": token(generate_private_key(65537, 2048), algorithm="RS256"),
    "forged": token(OTHER_KEY),
    "tampered": tampered(),
    "signature cut": token()[:-4],
    "signature missing": token().rpartition(b".")[0] + b".",
    "no kid": token(kid=None),
    "kid a number": handmade({"alg": "EdDSA", "kid": 1}, claims()),
    "kid a list": handmade({"alg": "EdDSA", "kid": ["k1"]}, claims()),
    "key in the header": handmade({"alg": "EdDSA", "jwk": as_jwk(OTHER_KEY, "k9"), "kid": "k9"}, claims()),
    "crit": handmade({"alg": "EdDSA", "kid": "k1", "crit": ["b64"], "b64": False}, claims()),
    "deep header": b"Bearer " + base64.urlsafe_b64encode(b"[" * 9000).rstrip(b"=") + b".e30.e30",
    "wrong iss": token(iss="somebody"),
    "no iss": token(iss=None),
    "wrong aud": token(aud="atelier-internal"),
    "no aud": token(aud=None),
    "no exp": token(exp=None),
    "no iat": token(iat=None),
    "no sub": token(sub=None),
    "sub no uuid": token(sub="admin"),
    "sid no uuid": token(sid="every"),
    "sid a number": token(sid=1),
    "sid a list": token(sid=[str(SESSION)]),
    "iat not a number": handmade({"alg": "EdDSA", "kid": "k1"}, claims(iat=float("nan"))),
    "sub a path": token(sub="../principals/1"),
    "expired": token(exp=int(time.time()) - 1),
    "exp a text": handmade({"alg": "EdDSA", "kid": "k1"}, claims(exp="soon")),
    "issued an hour from now": token(iat=int(time.time()) + 3600, exp=int(time.time()) + 7200),
    "not yet valid": token(nbf=int(time.time()) + 3600),
    **{f"kid {kid[:20]!r}": token(kid=kid) for kid in HOSTILE_KIDS},
}


@pytest.mark.parametrize("name", BAD)
async def test_anything_but_a_valid_token_is_401(tokens: AccessTokens, name: str) -> None:
    for _ in range(2):  # not by being remembered either
        with pytest.raises(Refusal) as refused:
            await tokens.verified(BAD[name])
        assert refused.value.status == 401
        assert (b"www-authenticate", b"Bearer") in refused.value.headers


@pytest.mark.parametrize("scheme", [b"Bearer", b"bearer", b"BEARER"])
async def test_a_valid_token_says_who_it_is(tokens: AccessTokens, scheme: bytes) -> None:
    assert (await tokens.verified(token().replace(b"Bearer", scheme))).login == ASKING


async def test_a_clock_a_few_seconds_ahead_is_forgiven(tokens: AccessTokens) -> None:
    assert (await tokens.verified(token(iat=int(time.time()) + 20))).login == ASKING


async def test_a_remembered_token_ends_when_it_expires(identity: FakeIdentity) -> None:
    clock = Watch()
    clock.seconds = time.time()
    tokens = AccessTokens(SigningKeys(identity), clock)
    short = token(exp=int(clock.seconds) + 60)
    assert (await tokens.verified(short)).login == ASKING
    clock.seconds += 61
    with pytest.raises(Refusal):
        await tokens.verified(short)


async def test_what_is_remembered_is_bounded(tokens: AccessTokens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authentication, "_REMEMBERED_LIMIT", 3)
    for number in range(10):
        await tokens.verified(token(jti=str(number)))
    assert len(tokens._remembered) == 3


async def test_a_new_key_is_found_when_a_token_names_it(
    tokens: AccessTokens, identity: FakeIdentity, watch: Watch
) -> None:
    await tokens.verified(token())
    identity.known = [as_jwk(KEY, "k1"), as_jwk(OTHER_KEY, "k2")]
    watch.seconds += 10
    assert (await tokens.verified(token(OTHER_KEY, "k2"))).login == ASKING
    assert identity.asked_for_keys == 2


async def test_unknown_keys_make_one_question_in_a_while(
    tokens: AccessTokens, identity: FakeIdentity, watch: Watch
) -> None:
    for number in range(50):
        watch.seconds += 0.01
        with pytest.raises(Refusal):
            await tokens.verified(token(kid=f"unknown-{number}"))
    assert identity.asked_for_keys == 1


async def test_a_key_that_identity_took_back_is_forgotten(
    tokens: AccessTokens, identity: FakeIdentity, watch: Watch
) -> None:
    await tokens.verified(token())
    identity.known = [as_jwk(OTHER_KEY, "k2")]
    watch.seconds += 301
    with pytest.raises(Refusal):
        await tokens.verified(token(jti="another"))


async def test_keys_of_another_kind_are_passed_over(tokens: AccessTokens, identity: FakeIdentity) -> None:
    identity.known = [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "k1"},
        {"kty": "OKP", "crv": "X25519", "kid": "k1"},
    ]
    with pytest.raises(Refusal) as refused:
        await tokens.verified(token())
    assert refused.value.status == 401


async def test_with_identity_away_known_keys_go_on_and_unknown_ones_are_503(
    tokens: AccessTokens, identity: FakeIdentity, watch: Watch
) -> None:
    await tokens.verified(token())
    identity.away = True
    watch.seconds += 1000
    assert (await tokens.verified(token(jti="another"))).login == ASKING
    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            await tokens.verified(token(OTHER_KEY, "k2"))
        assert refused.value.status == 503


async def test_the_internal_token_carries_what_identity_said(
    callers: Callers, identity: FakeIdentity
) -> None:
    organization = uuid4()
    mira = Principal(USER, organizations={organization: Role.ADMIN}, session_id=SESSION)
    identity.known_rights[ASKING] = Rights(mira)
    caller = await callers.get(ASKING)
    principal = INTERNAL.read(caller.authorization.removeprefix("Bearer "))
    assert principal == mira
    assert caller.user_id == str(USER)


async def test_nobody_carries_the_empty_principal(callers: Callers, watch: Watch) -> None:
    first = callers.nobody()
    assert INTERNAL.read(first.authorization.removeprefix("Bearer ")) == Principal.anonymous()
    assert callers.nobody() is first
    watch.seconds += 5
    assert callers.nobody() is not first


async def test_an_answer_is_used_for_five_seconds_from_the_question(
    callers: Callers, identity: FakeIdentity, watch: Watch
) -> None:
    first = await callers.get(ASKING)
    watch.seconds += 4.9
    assert await callers.get(ASKING) is first
    watch.seconds += 0.1
    assert await callers.get(ASKING) is not first
    assert identity.asked_for_rights == 2


async def test_a_slow_answer_is_counted_from_the_question(
    callers: Callers, identity: FakeIdentity, watch: Watch
) -> None:
    identity.answering.clear()
    asked = asyncio.create_task(callers.get(ASKING))
    await _until(lambda: identity.asked_for_rights == 1)
    watch.seconds += 4
    identity.answering.set()
    await asked
    watch.seconds += 1
    await callers.get(ASKING)
    assert identity.asked_for_rights == 2


async def test_many_at_once_ask_once(callers: Callers, identity: FakeIdentity) -> None:
    await asyncio.gather(*(callers.get(ASKING) for _ in range(50)))
    assert identity.asked_for_rights == 1


async def test_after_forgetting_identity_is_asked_again(callers: Callers, identity: FakeIdentity) -> None:
    await callers.get(ASKING)
    identity.known_rights[ASKING] = Rights(Principal(USER, superuser=True))
    callers.forget()
    caller = await callers.get(ASKING)
    assert INTERNAL.read(caller.authorization.removeprefix("Bearer ")).superuser


async def test_an_answer_asked_for_before_forgetting_is_not_kept_nor_joined(
    callers: Callers, identity: FakeIdentity
) -> None:
    identity.answering.clear()
    early = asyncio.create_task(callers.get(ASKING))
    await _until(lambda: identity.asked_for_rights == 1)
    identity.known_rights[ASKING] = Rights(Principal(USER, superuser=True))
    callers.forget()
    late = asyncio.create_task(callers.get(ASKING))
    await _until(lambda: identity.asked_for_rights == 2)
    identity.answering.set()
    await early
    for caller in (await late, await callers.get(ASKING)):
        assert INTERNAL.read(caller.authorization.removeprefix("Bearer ")).superuser


async def test_a_user_who_is_gone_is_401_and_not_remembered(callers: Callers, identity: FakeIdentity) -> None:
    identity.known_rights.clear()
    for _ in range(2):
        with pytest.raises(Refusal) as refused:
            await callers.get(ASKING)
        assert refused.value.status == 401
    identity.known_rights[ASKING] = Rights(Principal(USER))
    await callers.get(ASKING)


async def test_without_identity_it_is_503_once_the_kept_answer_is_too_old(
    callers: Callers, identity: FakeIdentity, watch: Watch
) -> None:
    await callers.get(ASKING)
    identity.away = True
    await callers.get(ASKING)
    watch.seconds += 5
    with pytest.raises(Refusal) as refused:
        await callers.get(ASKING)
    assert refused.value.status == 503


@pytest.fixture(name="door")
def _door(tokens: AccessTokens, callers: Callers) -> Authentication:
    return Authentication(tokens, callers)


def bearer(authorization: bytes) -> dict[bytes, bytes]:
    return {b"authorization": authorization}


async def refused(asked: Any) -> int:
    with pytest.raises(Refusal) as refusal:
        await asked
    return refusal.value.status


async def test_without_any_header_it_is_401(door: Authentication) -> None:
    assert await refused(door.caller({}, "GET", login=True)) == 401
    assert (await door.caller({}, "GET", login=False)).user_id is None


async def test_a_token_from_before_a_change_of_password_is_401_within_five_seconds(
    door: Authentication, identity: FakeIdentity, watch: Watch
) -> None:
    changed = time.time()
    before, after = bearer(token(iat=changed - 0.001)), bearer(token(iat=changed))
    assert (await door.caller(before, "GET", login=True)).user_id == str(USER)
    identity.known_rights[ASKING] = Rights(Principal(USER, session_id=SESSION), not_before=changed)
    watch.seconds += 5
    assert await refused(door.caller(before, "GET", login=True)) == 401
    assert (await door.caller(after, "GET", login=True)).user_id == str(USER)


async def test_a_revoked_session_is_401_within_five_seconds_and_others_go_on(
    door: Authentication, identity: FakeIdentity, watch: Watch
) -> None:
    other = Login(USER, uuid4())
    identity.known_rights[other] = Rights(Principal(USER, session_id=other.session_id))
    here, there = bearer(token()), bearer(token(sid=str(other.session_id)))
    for headers in (here, there):
        await door.caller(headers, "GET", login=True)
    del identity.known_rights[ASKING]
    watch.seconds += 5
    assert await refused(door.caller(here, "GET", login=True)) == 401
    assert (await door.caller(there, "GET", login=True)).user_id == str(USER)


async def test_a_token_from_before_there_were_sessions_is_still_good(
    door: Authentication, identity: FakeIdentity
) -> None:
    identity.known_rights[Login(USER, None)] = Rights(Principal(USER))
    assert (await door.caller(bearer(token(sid=None)), "GET", login=True)).user_id == str(USER)


def key_rights(*scopes: str) -> Rights:
    return Rights(Principal(USER, api_key_id=SESSION), scopes=frozenset(scopes))


@pytest.mark.parametrize("headers", [{b"x-api-key": API_KEY}, bearer(b"Bearer " + API_KEY)])
async def test_an_api_key_asks_on_behalf_of_its_user(
    door: Authentication, identity: FakeIdentity, headers: dict[bytes, bytes]
) -> None:
    identity.known_rights[Key(hashlib.sha256(API_KEY).digest())] = key_rights("read", "write")
    for method in ("GET", "POST"):
        caller = await door.caller(headers, method, login=True)
        assert (caller.user_id, caller.api_key_id) == (str(USER), str(SESSION))
    principal = INTERNAL.read(caller.authorization.removeprefix("Bearer "))
    assert (principal.api_key_id, principal.session_id) == (SESSION, None)
    assert identity.asked_for_rights == 1


@pytest.mark.parametrize(
    ("scope", "statuses"), [("read", {"GET": 0, "POST": 403}), ("write", {"GET": 403, "DELETE": 0})]
)
async def test_a_key_may_only_do_what_its_scopes_say(
    door: Authentication, identity: FakeIdentity, scope: str, statuses: dict[str, int]
) -> None:
    identity.known_rights[Key(hashlib.sha256(API_KEY).digest())] = key_rights(scope)
    for method, status in statuses.items():
        asked = door.caller({b"x-api-key": API_KEY}, method, login=True)
        if status:
            assert await refused(asked) == status
        else:
            assert (await asked).user_id == str(USER)


BAD_KEYS = {
    "unknown": {b"x-api-key": API_KEY},
    "empty": {b"x-api-key": b""},
    "short": {b"x-api-key": API_KEY[:-1]},
    "long": {b"x-api-key": API_KEY + b"k"},
    "endless": {b"x-api-key": b"atk_" + b"k" * 20_000},
    "hostile": {b"x-api-key": b"atk_' OR '1'='1"},
    "not ascii": {b"x-api-key": b"atk_" + b"\xff" * 43},
    "an access token": {b"x-api-key": token()[7:]},
    "a bearer too": {b"x-api-key": API_KEY, b"authorization": token()},
    "two": bearer(b"Bearer " + API_KEY + b" " + API_KEY),
    "basic": bearer(b"Basic " + API_KEY),
}


@pytest.mark.parametrize("name", BAD_KEYS)
async def test_anything_but_a_good_key_is_401(
    door: Authentication, identity: FakeIdentity, name: str
) -> None:
    assert await refused(door.caller(BAD_KEYS[name], "GET", login=True)) == 401
    assert identity.asked_for_rights == (1 if name == "unknown" else 0)


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0)
