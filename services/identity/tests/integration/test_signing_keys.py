"""Signing keys that follow one another without a token that nobody can verify."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from sqlalchemy import text

from atelier.identity import housekeeping
from atelier.identity.bootstrap import declare
from atelier.identity.operating import replace_compromised, rotate
from atelier.identity.principals.use_cases import principal_of
from atelier.identity.signing_keys import use_cases as signing_keys
from atelier.runtime.auth import Principal
from atelier.runtime.jobs import Job, RunAgain
from atelier.runtime.request_context import Cause

JWKS, LOGIN = "/.well-known/jwks.json", "/api/v1/login/access-token"
ROOT = {"username": "root@example.com", "password": "first password"}
HOUR = timedelta(hours=1)


@pytest.fixture
async def service(make_identity: Any) -> Any:
    """Identity with one key, whose tokens last an hour."""
    return await make_identity(
        access_token_lifetime=HOUR,
        signing_key_lead=timedelta(minutes=10),
        signing_key_rotation=timedelta(days=90),
    )


@pytest.fixture
def client(service: Any, client_for: Any) -> Any:
    """Somebody who verifies tokens."""
    return client_for(service, Principal.anonymous())


async def published(client: Any) -> list[str]:
    return [key["kid"] for key in (await client.get(JWKS)).json()["keys"]]


async def signed_by(service: Any) -> str:
    async with service.units.begin(Cause("test")) as uow:
        token = await signing_keys.access_token(uow, uuid4(), uuid4(), HOUR)
    return str(jwt.get_unverified_header(token)["kid"])


async def pass_time(service: Any, time: timedelta) -> None:
    """As if that time had passed for the keys."""
    async with service.sessions.begin() as session:
        earlier = "created_at - make_interval(secs => :time), signs_from - make_interval(secs => :time)"
        move = text(f"UPDATE signing_keys SET (created_at, signs_from) = ({earlier})")
        await session.execute(move, {"time": time.total_seconds()})


async def keep_house(service: Any) -> None:
    """What the job does at its turn."""
    async with service.sessions.begin() as session:
        claimed = await session.execute(
            text("UPDATE jobs SET lease_epoch = 1 WHERE kind = :kind RETURNING id"),
            {"kind": housekeeping.ROTATE},
        )
        id_ = claimed.scalar_one()
    job = Job(id_, housekeeping.ROTATE, "", {}, 1, 1, timedelta(minutes=1), Cause("test"), service.units)
    with pytest.raises(RunAgain):
        await housekeeping.jobs(service.settings)[housekeeping.ROTATE](job)


async def test_a_new_key_is_published_before_it_signs_and_the_old_one_until_its_last_token_expired(
    service: Any, client: Any
) -> None:
    (old,) = await published(client)
    await keep_house(service)
    assert await published(client) == [old]

    await pass_time(service, timedelta(days=90))
    await keep_house(service)
    await keep_house(service)
    first, new = await published(client)
    assert (first, await signed_by(service)) == (old, old)

    await pass_time(service, timedelta(minutes=10))
    assert await signed_by(service) == new
    assert await published(client) == [new, old]

    await pass_time(service, HOUR)
    await keep_house(service)
    assert await published(client) == [new, old]
    await pass_time(service, timedelta(minutes=1))
    assert await published(client) == [new]
    await keep_house(service)
    async with service.sessions() as session:
        assert (await session.execute(text("SELECT id FROM signing_keys"))).scalars().all() == [UUID(new)]


async def test_every_token_is_verified_by_the_keys_of_its_whole_life(service: Any, client: Any) -> None:
    """A token of each minute around a rotation, each held to the keys that are published at its end."""
    await pass_time(service, timedelta(days=90))
    await keep_house(service)
    signed: list[tuple[int, str]] = []
    for minute in range(0, 80, 5):
        signed.append((minute, await signed_by(service)))
        good = await published(client)
        assert all(kid in good for at, kid in signed if minute - at <= 60)
        await pass_time(service, timedelta(minutes=5))
        await keep_house(service)
    assert len({kid for _, kid in signed}) == 2


async def test_a_key_stays_for_the_longest_token_that_was_ever_allowed(
    make_identity: Any, client_for: Any
) -> None:
    service = await make_identity(access_token_lifetime=timedelta(hours=12))
    client = client_for(service, Principal.anonymous())
    async with service.units.begin(Cause("test")) as uow:
        await signing_keys.make_first(uow, HOUR)  # as after a start with shorter ones
        await signing_keys.rotate(uow, HOUR, timedelta(0))
        await uow.commit()
    await pass_time(service, timedelta(hours=11))
    assert len(await published(client)) == 2
    await pass_time(service, timedelta(hours=2))
    assert len(await published(client)) == 1


async def test_a_rotation_of_zero_days_is_none(make_identity: Any, client_for: Any) -> None:
    service = await make_identity(signing_key_rotation=timedelta(0))
    await pass_time(service, timedelta(days=9000))
    await keep_house(service)
    assert len(await published(client_for(service, Principal.anonymous()))) == 1


async def test_the_command_rotates_now(service: Any, client: Any, capsys: Any) -> None:
    before = await published(client)
    await asyncio.to_thread(rotate, declare(service.settings), service.settings)
    assert "signs in 0:10:00" in capsys.readouterr().out
    assert (await published(client))[:1] == before
    assert len(await published(client)) == 2


async def test_the_command_for_stolen_keys_takes_them_back_and_logs_everybody_out(
    service: Any, client: Any, capsys: Any
) -> None:
    (before,) = await published(client)
    tokens = (await client.post(LOGIN, data=ROOT)).json()
    await asyncio.to_thread(replace_compromised, declare(service.settings), service.settings)
    assert "log in again" in capsys.readouterr().out
    (after,) = await published(client)
    assert before != after
    assert await signed_by(service) == after
    said = jwt.decode(tokens["access_token"], options={"verify_signature": False})
    async with service.units.begin(Cause("test")) as uow:
        rights = await principal_of(uow, UUID(said["sub"]), UUID(said["sid"]))
    assert rights.session_revoked
    assert rights.not_before is not None
    assert said["iat"] < rights.not_before.timestamp()
    assert (await client.post(LOGIN, data=ROOT)).status_code == 200
