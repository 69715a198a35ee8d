"""One `Idempotency-Key`, one effect; its first answer again, for a day."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

WAITERS = text(
    "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database "
    "WHERE d.datname = current_database() AND NOT l.granted"
)


async def post(house: Any, who: Any, key: str, body: dict[str, Any] | None = None, **params: Any) -> Any:
    """Create one with a key."""
    client = house.client(who)
    return await client.post(
        house.entity.path,
        json=house.entity.body | (body or {}),
        params=params,
        headers={"Idempotency-Key": key},
    )


async def test_a_repetition_gets_the_first_answer(house: Any, tenants: Any) -> None:
    first = await post(house, tenants["stranger"], "one")
    url = house.entity.path + first.json()["id"]
    await house.client(tenants["stranger"]).put(url, json=house.entity.change)
    second = await post(house, tenants["stranger"], "one")
    assert (second.status_code, second.content) == (first.status_code, first.content)
    assert (second.headers["etag"], second.headers["content-type"]) == ('"1"', "application/json")
    assert second.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert await house.count(tenants["stranger"].user_id) == 1


async def test_a_repetition_gets_the_first_answer_whatever_has_changed_since(
    house: Any, tenants: Any
) -> None:
    first = await post(house, tenants["member"], "one", organization_id=str(tenants.organization))
    outside = replace(tenants["member"], organizations={})
    second = await post(house, outside, "one", organization_id=str(tenants.organization))
    assert (second.status_code, second.content) == (201, first.content)
    assert (await post(house, outside, "two", organization_id=str(tenants.organization))).status_code == 403


async def test_another_request_under_the_key_is_422(house: Any, tenants: Any) -> None:
    await post(house, tenants["member"], "one")
    for answer in (
        await post(house, tenants["member"], "one", {"name": "Another"}),
        await post(house, tenants["member"], "one", organization_id=str(tenants.organization)),
    ):
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"] == ["header", "Idempotency-Key"]
    assert await house.count(tenants["member"].user_id) == 1


async def test_keys_are_each_callers_own(house: Any, tenants: Any) -> None:
    first = await post(house, tenants["member"], "one")
    second = await post(house, tenants["admin"], "one", {"name": "Another"})
    assert (first.status_code, second.status_code) == (201, 201)


async def test_a_refusal_isnt_kept(house: Any, tenants: Any) -> None:
    bad = await post(house, tenants["stranger"], "one", {"name": ""})
    forbidden = await post(house, tenants["stranger"], "one", organization_id=str(tenants.organization))
    good = await post(house, tenants["stranger"], "one")
    assert (bad.status_code, forbidden.status_code, good.status_code) == (422, 403, 201)


async def test_after_a_day_the_key_is_free_again(house: Any, tenants: Any) -> None:
    first = await post(house, tenants["stranger"], "one")
    await house.execute(
        "UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE principal_id = :id",
        id=tenants["stranger"].user_id,
    )
    second = await post(house, tenants["stranger"], "one", {"name": "Another"})
    third = await post(house, tenants["stranger"], "one", {"name": "Another"})
    assert first.json()["id"] != second.json()["id"] == third.json()["id"]


async def test_one_still_in_flight_is_409_and_makes_nothing(house: Any, tenants: Any) -> None:
    async with house.service.sessions() as blocker:
        await blocker.execute(text(f"LOCK TABLE {house.entity.row.__tablename__} IN SHARE MODE"))
        first = asyncio.create_task(post(house, tenants["stranger"], "one"))
        await _until_somebody_waits(house)
        second = await post(house, tenants["stranger"], "one")
        assert second.status_code == 409
        assert not first.done()
        await blocker.rollback()
    answer = await first
    assert answer.status_code == 201
    assert (await post(house, tenants["stranger"], "one")).content == answer.content
    assert await house.count(tenants["stranger"].user_id) == 1


async def _until_somebody_waits(house: Any) -> None:
    async with asyncio.timeout(10), house.service.sessions() as session:
        while (await session.execute(WAITERS)).scalar_one() == 0:
            await asyncio.sleep(0.01)


async def test_a_burst_with_one_key_makes_one(house: Any, tenants: Any) -> None:
    answers = await asyncio.gather(*(post(house, tenants["stranger"], "one") for _ in range(8)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(made) == await house.count(tenants["stranger"].user_id) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "kéy", "a\tb"])
async def test_a_bad_key_is_422(house: Any, tenants: Any, key: str) -> None:
    client = house.client(tenants["stranger"])
    headers = [(b"Idempotency-Key", key.encode())]
    answer = await client.post(house.entity.path, json=house.entity.body, headers=headers)
    assert answer.status_code == 422
    assert await house.count(tenants["stranger"].user_id) == 0


async def test_a_restore_keeps_its_answer_too(soft_house: Any, tenants: Any) -> None:
    client = soft_house.client(tenants["superuser"])
    made = await soft_house.make(tenants["superuser"])
    url, headers = soft_house.entity.path + made["id"], {"Idempotency-Key": str(uuid4())}
    await client.delete(url)
    first = await client.post(f"{url}/restore", headers=headers)
    second = await client.post(f"{url}/restore", headers=headers)
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.content == second.content
    assert (await soft_house.row(made["id"]))["version"] == 3
