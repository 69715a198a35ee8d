"""Entities that keep their row: out of sight once deleted, back with a restore."""

from __future__ import annotations

from typing import Any


async def test_a_deleted_entity_vanishes_and_a_second_delete_is_404(soft_house: Any, tenants: Any) -> None:
    client = soft_house.client(tenants["stranger"])
    made = await soft_house.make(tenants["stranger"])
    url = soft_house.entity.path + made["id"]
    assert (await client.delete(url)).json().keys() == {"message"}
    assert (await client.get(url)).status_code == 404
    assert (await client.put(url, json=soft_house.entity.change)).status_code == 404
    assert (await client.delete(url)).status_code == 404
    assert (await client.get(soft_house.entity.path)).json() == {"data": [], "count": 0}
    assert (await soft_house.row(made["id"]))["deleted_at"] is not None


async def test_a_restore_brings_it_back_as_it_was(soft_house: Any, tenants: Any) -> None:
    client = soft_house.client(tenants["stranger"])
    made = await soft_house.make(tenants["stranger"])
    url = soft_house.entity.path + made["id"]
    await client.delete(url)
    restored = await soft_house.client(tenants["superuser"]).post(f"{url}/restore")
    assert restored.status_code == 200
    assert restored.headers["etag"] == '"3"'
    assert restored.json() | {"updated_at": None} == made | {"updated_at": None}
    assert (await client.get(url)).json() == restored.json()
    types = [told.envelope.type for told in await soft_house.told(made["id"])]
    entity = soft_house.entity
    assert types == [event.__name__ for event in (entity.created, entity.deleted, entity.restored)]


async def test_what_isnt_deleted_cant_be_restored(soft_house: Any, tenants: Any) -> None:
    made = await soft_house.make(tenants["stranger"])
    client = soft_house.client(tenants["superuser"])
    answer = await client.post(f"{soft_house.entity.path}{made['id']}/restore")
    assert answer.status_code == 409
    assert len(await soft_house.told(made["id"])) == 1


async def test_a_restore_from_an_older_version_is_412(soft_house: Any, tenants: Any) -> None:
    made = await soft_house.make(tenants["superuser"])
    client, url = soft_house.client(tenants["superuser"]), soft_house.entity.path + made["id"]
    await client.delete(url)
    assert (await client.post(f"{url}/restore", headers={"If-Match": '"1"'})).status_code == 412
    assert (await client.post(f"{url}/restore", headers={"If-Match": '"2"'})).status_code == 200


async def test_the_event_of_a_delete_says_when(soft_house: Any, tenants: Any) -> None:
    made = await soft_house.make(tenants["stranger"])
    await soft_house.client(tenants["stranger"]).delete(soft_house.entity.path + made["id"])
    deleted = (await soft_house.told(made["id"]))[-1]
    assert deleted.event.state.deleted_at == (await soft_house.row(made["id"]))["deleted_at"]
