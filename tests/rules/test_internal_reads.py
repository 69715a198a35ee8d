"""`/internal/<kind>`: the owner's states for other services, narrowed to what the principal may see."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from atelier.runtime.auth import Principal
from atelier.runtime.http.app import public_document

SERVICE = Principal.of_service("somebody")


def url(house: Any) -> str:
    """Where this kind is read."""
    return f"/internal/{house.entity.state.kind}"


async def read(house: Any, who: Principal, **params: Any) -> list[dict[str, Any]]:
    """The items of an answer."""
    answer = await house.client(who).get(url(house), params=params)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


async def test_a_state_comes_with_its_version_and_is_what_the_event_says(house: Any, tenants: Any) -> None:
    made = await house.make(tenants["member"], tenants.organization)
    await house.client(tenants["member"]).put(house.entity.path + made["id"], json=house.entity.change)
    (item,) = await read(house, SERVICE, ids=made["id"])
    assert item["version"] == 2
    assert house.entity.state.model_validate(item["state"]) == (await house.told(made["id"]))[-1].event.state


async def test_a_principal_reads_what_it_may_see(house: Any, tenants: Any) -> None:
    shared = await house.make(tenants["member"], tenants.organization)
    personal = await house.make(tenants["member"])
    ids = f"{shared['id']},{personal['id']},{uuid4()}"
    for who, expected in (
        (SERVICE, {shared["id"], personal["id"]}),
        (tenants["superuser"], {shared["id"], personal["id"]}),
        (tenants["member"], {shared["id"], personal["id"]}),
        (tenants["viewer"], {shared["id"]}),
        (tenants["stranger"], set()),
        (tenants["other organization"], set()),
    ):
        assert {item["state"]["id"] for item in await read(house, who, ids=ids)} == expected


async def test_nobody_is_refused(house: Any) -> None:
    assert (await house.client(Principal.anonymous()).get(url(house))).status_code == 401


async def test_pages_go_on_after_an_id(house: Any, tenants: Any) -> None:
    made = [await house.make(tenants["stranger"]) for _ in range(3)]
    ids = sorted(one["id"] for one in made)
    first = await read(house, tenants["stranger"], limit=2)
    assert [item["state"]["id"] for item in first] == ids[:2]
    rest = await read(house, tenants["stranger"], limit=2, after=ids[1])
    assert [item["state"]["id"] for item in rest] == ids[2:]


@pytest.mark.parametrize(
    "params", [{"ids": "1"}, {"ids": ",".join([str(uuid4())] * 201)}, {"limit": 1001}, {"after": "1"}]
)
async def test_what_cant_be_read_is_422(house: Any, params: dict[str, Any]) -> None:
    assert (await house.client(SERVICE).get(url(house), params=params)).status_code == 422


async def test_what_keeps_its_row_is_told_as_deleted(soft_house: Any, tenants: Any) -> None:
    made = await soft_house.make(tenants["stranger"])
    await soft_house.client(tenants["stranger"]).delete(soft_house.entity.path + made["id"])
    (item,) = await read(soft_house, SERVICE, ids=made["id"])
    assert item["state"]["deleted_at"] is not None


def test_it_is_in_no_public_document(house: Any) -> None:
    assert not [
        path for path in public_document(house.service.app)["paths"] if not path.startswith("/api/v1/")
    ]


async def test_a_service_alone_may_not_use_the_public_operations(house: Any) -> None:
    assert (await house.client(SERVICE).get(f"{house.entity.path}{uuid4()}")).status_code == 401
