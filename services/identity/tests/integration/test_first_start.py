"""What the first start makes, once, however often and by however many processes it is done."""

from __future__ import annotations

import asyncio
from typing import Any

from pydantic import SecretStr
from sqlalchemy import text

from atelier.identity.bootstrap import declare
from atelier.identity.settings import Settings
from atelier.identity.users import use_cases as users
from atelier.identity.users.schemas import UserCreate
from atelier.runtime.auth import Principal
from atelier.runtime.request_context import Cause

JWKS = "/.well-known/jwks.json"
FIRST = {"first_superuser_email": "root@example.com", "first_superuser_password": "first password"}


async def test_two_processes_at_once_make_one_key_and_one_superuser(make_service: Any) -> None:
    service = await make_service(declare, Settings, **FIRST)
    await asyncio.gather(*[service.declaration.on_start(service.units) for _ in range(4)])
    assert await _counts(service) == (1, 1, 1)
    async with service.sessions() as session:
        user = (await session.execute(text("SELECT * FROM users"))).one()
        event = (await session.execute(text("SELECT headers FROM outbox"))).scalar_one()
    assert (user.email, user.is_superuser, user.is_active, user.version) == (
        "root@example.com",
        True,
        True,
        1,
    )
    assert event["ce_type"] == "UserRegistered"


async def test_processes_that_hashed_at_the_same_time_make_one_superuser(make_service: Any) -> None:
    service = await make_service(declare, Settings)
    first = UserCreate(email="root@example.com", password=SecretStr("first password"), is_superuser=True)

    async def make() -> None:
        async with service.units.begin(Cause("test")) as uow:
            await users.make_first(uow, first, "hash")
            await uow.commit()

    await asyncio.gather(*[make() for _ in range(8)])
    assert await _counts(service) == (0, 1, 1)


async def test_a_start_after_the_first_leaves_everybody_alone(make_identity: Any, client_for: Any) -> None:
    service = await make_identity()
    async with service.sessions.begin() as session:
        await session.execute(text("UPDATE users SET email = 'ROOT@example.com', is_superuser = false"))
    hashed: list[SecretStr] = []
    service.app.state.passwords.hash = hashed.append
    await service.declaration.on_start(service.units)
    assert hashed == [], "a password was hashed for nothing"
    assert await _counts(service) == (1, 1, 1)


async def test_without_settings_nobody_is_made(make_service: Any) -> None:
    service = await make_service(declare, Settings)
    await service.declaration.on_start(service.units)
    assert await _counts(service) == (1, 0, 0)


async def test_nobody_signs_in_before_the_first_key(make_service: Any, client_for: Any) -> None:
    service = await make_service(declare, Settings, **FIRST)
    await service.declaration.on_start(service.units)
    async with service.sessions.begin() as session:
        await session.execute(text("DELETE FROM signing_keys"))
    form = {"username": "root@example.com", "password": "first password"}
    answer = await client_for(service, Principal.anonymous()).post("/api/v1/login/access-token", data=form)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


async def _counts(service: Any) -> tuple[int, ...]:
    """Signing keys, users and events."""
    async with service.sessions() as session:
        tables = ("signing_keys", "users", "outbox")
        counts = [await session.execute(text(f"SELECT count(*) FROM {table}")) for table in tables]
        return tuple(count.scalar_one() for count in counts)
