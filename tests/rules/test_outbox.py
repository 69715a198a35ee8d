"""A change and the event that tells of it are one transaction: both are there, or neither is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text


async def test_each_change_takes_the_next_version_and_tells_its_whole_state(house: Any, tenants: Any) -> None:
    entity, client = house.entity, house.client(tenants["owner"])
    made = await house.make(tenants["owner"], tenants.organization)
    url = entity.path + made["id"]
    changed = (await client.put(url, json=entity.change)).json()
    if entity.deleted:
        await client.delete(url)
    told = await house.told(made["id"])
    expected = [entity.created, entity.updated, *filter(None, [entity.deleted])]
    assert [type(one.event) for one in told] == expected
    assert [one.envelope.aggregate_version for one in told] == [1, 2, 3][: len(expected)]
    assert _shown(told[0].event.state) | entity.example == _shown(told[0].event.state)
    assert _shown(told[1].event.state).items() >= entity.change.items()
    assert _shown(told[1].event.state)["updated_at"] == changed["updated_at"]
    assert [one.event.state.deleted_at is not None for one in told] == [False, False, True][: len(expected)]


def _shown(state: Any) -> dict[str, Any]:
    return dict(state.model_dump(mode="json"))


async def test_the_envelope_says_who_what_and_why(house: Any, tenants: Any) -> None:
    entity = house.entity
    answer = await house.client(tenants["member"]).post(
        entity.path,
        params={"organization_id": str(tenants.organization)},
        json=entity.body,
        headers={
            "X-Request-ID": "request-1",
            "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        },
    )
    assert answer.headers["x-request-id"] == "request-1"
    (told,) = await house.told(answer.json()["id"])
    envelope = told.envelope
    assert told.topic == f"{house.service.name}.{entity.state.kind.replace('-', '_')}.v1"
    assert envelope.source == f"/{house.service.name}"
    assert envelope.dataschema == entity.created.dataschema()
    assert envelope.correlation_id == "request-1"
    assert envelope.actor_id == tenants["member"].user_id
    assert envelope.organization_id == tenants.organization
    assert envelope.time.isoformat().replace("+00:00", "Z") == answer.json()["created_at"]
    assert told.event.state.id == envelope.subject == UUID(answer.json()["id"])


async def test_a_change_of_nothing_is_none(house: Any, tenants: Any) -> None:
    made = await house.make(tenants["stranger"])
    client, url = house.client(tenants["stranger"]), house.entity.path + made["id"]
    for body in ({}, house.entity.example, {"name": None}, {"owner_id": None}, {"unknown": 1}):
        answer = await client.put(url, json=body)
        assert (answer.status_code, answer.json()) == (200, made | _looks_free(answer.json()))
        assert answer.headers["etag"] == '"1"'
    assert len(await house.told(made["id"])) == 1


def _looks_free(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key == "looks"}


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_where_the_event_cant_be_written_the_change_isnt_either(
    house: Any, tenants: Any, method: str
) -> None:
    made, method = await house.make(tenants["stranger"]), house.known(method)
    before = await house.row(made["id"])
    in_the_way = (
        "INSERT INTO outbox (aggregate_id, version, topic, headers, body) VALUES (:id, 2, 't', '{}', '{}')"
    )
    await house.execute(in_the_way, id=UUID(made["id"]))
    body = house.entity.change if method == "PUT" else None
    client = house.client(tenants["stranger"])
    answer = await client.request(method, house.entity.path + made["id"], json=body)
    assert answer.status_code == 409
    assert await house.row(made["id"]) == before
    await house.execute("DELETE FROM outbox WHERE aggregate_id = :id AND topic = 't'", id=UUID(made["id"]))
    assert (await client.request(method, house.entity.path + made["id"], json=body)).status_code == 200


async def test_where_the_row_cant_be_written_nothing_is_told(house: Any, tenants: Any) -> None:
    name = f"refused {tenants.organization}"
    table = house.entity.row.__tablename__
    await house.execute(f"ALTER TABLE {table} ADD CONSTRAINT refused CHECK (name <> '{name}')")
    body = house.entity.body | {"name": name}
    answer = await house.client(tenants["stranger"]).post(house.entity.path, json=body)
    await house.execute(f"ALTER TABLE {table} DROP CONSTRAINT refused")
    assert answer.status_code == 409
    assert await house.count(tenants["stranger"].user_id) == 0
    async with house.service.sessions() as session:
        told = await session.execute(
            text("SELECT 1 FROM outbox WHERE body LIKE :name"), {"name": f"%{name}%"}
        )
        assert told.first() is None
