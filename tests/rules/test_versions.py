"""ETags count changes, and `If-Match` refuses one that was made on an older version."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest


async def test_every_answer_with_one_entity_carries_its_version(house: Any, tenants: Any) -> None:
    client = house.client(tenants["stranger"])
    created = await client.post(house.entity.path, json=house.entity.body)
    url = house.entity.path + created.json()["id"]
    assert created.headers["etag"] == '"1"'
    assert (await client.get(url)).headers["etag"] == '"1"'
    assert (await client.put(url, json=house.entity.change)).headers["etag"] == '"2"'
    assert (await client.get(url)).headers["etag"] == '"2"'
    if house.entity.listed:
        assert "etag" not in (await client.get(house.entity.path)).headers


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_a_stale_write_is_412_and_changes_nothing(house: Any, tenants: Any, method: str) -> None:
    method = house.known(method)
    client = house.client(tenants["stranger"])
    made = await house.make(tenants["stranger"])
    url, body = house.entity.path + made["id"], {"name": "Mine"} if method != "DELETE" else None
    await client.put(url, json=house.entity.change)
    before = await house.row(made["id"])
    for stale in ('"1"', '"99"', "2", 'W/"2"', "nonsense", ""):
        answer = await client.request(method, url, json=body, headers={"If-Match": stale})
        assert answer.status_code == 412, stale
    assert await house.row(made["id"]) == before
    assert len(await house.told(made["id"])) == 2
    assert (await client.request(method, url, json=body, headers={"If-Match": '"2"'})).status_code == 200


@pytest.mark.parametrize("current", ['"1"', '"7", "1"', "*"])
async def test_the_current_version_may_be_one_of_several_or_any(
    house: Any, tenants: Any, current: str
) -> None:
    made = await house.make(tenants["stranger"])
    answer = await house.client(tenants["stranger"]).put(
        house.entity.path + made["id"], json=house.entity.change, headers={"If-Match": current}
    )
    assert answer.status_code == 200


async def test_of_two_writers_on_one_version_one_wins(house: Any, tenants: Any) -> None:
    made = await house.make(tenants["stranger"])
    client, url = house.client(tenants["stranger"]), house.entity.path + made["id"]
    answers = await asyncio.gather(
        *(client.put(url, json={"name": f"Writer {n}"}, headers={"If-Match": '"1"'}) for n in range(5))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412, 412]


async def test_writers_without_if_match_follow_one_another(house: Any, tenants: Any) -> None:
    made = await house.make(tenants["stranger"])
    client, url = house.client(tenants["stranger"]), house.entity.path + made["id"]
    answers = await asyncio.gather(*(client.put(url, json={"name": f"Writer {n}"}) for n in range(5)))
    assert sorted(answer.headers["etag"] for answer in answers) == [f'"{n}"' for n in range(2, 7)]
    versions = [told.envelope.aggregate_version for told in await house.told(made["id"])]
    assert versions == [1, 2, 3, 4, 5, 6]


async def test_times_are_utc_and_only_a_change_moves_updated_at(house: Any, tenants: Any) -> None:
    made = await house.make(tenants["stranger"])
    assert made["created_at"] == made["updated_at"]
    assert made["created_at"].endswith("Z")
    client, url = house.client(tenants["stranger"]), house.entity.path + made["id"]
    changed = (await client.put(url, json=house.entity.change)).json()
    assert changed["created_at"] == made["created_at"] < changed["updated_at"]
