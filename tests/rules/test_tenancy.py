"""Who may do what: every operation by everybody, on an organization's entity and on a personal one."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from atelier.contracts.organizations import Role
from atelier.runtime.auth import Principal
from atelier.runtime.http.app import public_document

PEOPLE = ("nobody", "stranger", "other organization", "viewer", "member", "admin", "owner", "superuser")
IN_ORGANIZATION = {
    "create": (401, 403, 403, 403, 201, 201, 201, 201),
    "list": (401, 403, 403, 200, 200, 200, 200, 200),
    "read": (401, 404, 404, 200, 200, 200, 200, 200),
    "update": (401, 404, 404, 403, 200, 200, 200, 200),
    "delete": (401, 404, 404, 403, 403, 200, 200, 200),
}
PERSONAL = {
    "read": (401, 404, 404, 404, 404, 404, 404, 200),
    "update": (401, 404, 404, 404, 404, 404, 404, 200),
    "delete": (401, 404, 404, 404, 404, 404, 404, 200),
}
RESTORE = (401, 404, 404, 403, 403, 403, 403, 200)


def rows(table: dict[str, tuple[int, ...]]) -> list[Any]:
    """One case for each operation and person."""
    return [
        pytest.param(operation, who, status, id=f"{operation}-{who}")
        for operation, statuses in table.items()
        for who, status in zip(PEOPLE, statuses, strict=True)
    ]


async def ask(
    house: Any, operation: str, client: httpx.AsyncClient, id_: str, organization: Any
) -> list[httpx.Response]:
    """Ask for an operation by each of its methods; none where the entity doesn't have it."""
    path = house.entity.path
    match operation:
        case "create":
            body = house.entity.body | {"organization_id": str(organization)}
            return [await client.post(path, json=body)]
        case "list":
            params = {"organization_id": str(organization)}
            return [await client.get(path, params=params)] if house.entity.listed else []
        case "read":
            return [await client.get(path + id_)]
        case "update":
            methods = house.entity.update_methods
            return [await client.request(method, path + id_, json=house.entity.change) for method in methods]
        case _:
            return [await client.delete(path + id_)] if house.entity.deleted else []


def test_every_operation_is_in_the_table(house: Any) -> None:
    found = {
        (method.upper(), path)
        for path, methods in public_document(house.service.app)["paths"].items()
        for method in methods
        if path.startswith(house.entity.path)
    }
    entity = house.entity
    single = {"GET", *entity.update_methods} | ({"DELETE"} if entity.deleted else set())
    expected = {("POST", "")} | {(method, "{}") for method in single}
    expected |= {("GET", "")} if entity.listed else set()
    expected |= entity.further
    if house.entity.restored:
        expected.add(("POST", "{}/restore"))
    assert {(method, re.sub(r"{\w+}", "{}", path)) for method, path in found} == {
        (method, house.entity.path + rest) for method, rest in expected
    }


@pytest.mark.parametrize(("operation", "who", "status"), rows(IN_ORGANIZATION))
async def test_in_an_organization_the_role_decides(
    house: Any, tenants: Any, operation: str, who: str, status: int
) -> None:
    made = await house.make(tenants["owner"], tenants.organization)
    before, told = await house.row(made["id"]), await house.told(made["id"])
    for answer in await ask(house, operation, house.client(tenants[who]), made["id"], tenants.organization):
        assert answer.status_code == status, answer.text
    if status >= 400:
        assert await house.row(made["id"]) == before
        assert await house.told(made["id"]) == told
        assert await house.count(tenants[who].user_id) == (1 if who == "owner" else 0)


@pytest.mark.parametrize(("operation", "who", "status"), rows(PERSONAL))
async def test_a_personal_entity_is_its_owners_alone(
    house: Any, tenants: Any, operation: str, who: str, status: int
) -> None:
    somebody = Principal(user_id=uuid4(), organizations=dict(tenants["owner"].organizations))
    made = await house.make(somebody)
    before = await house.row(made["id"])
    for answer in await ask(house, operation, house.client(tenants[who]), made["id"], None):
        assert answer.status_code == status, answer.text
    if status >= 400:
        assert await house.row(made["id"]) == before


@pytest.mark.parametrize(("who", "status"), list(zip(PEOPLE, RESTORE, strict=True)))
async def test_only_administrators_restore(soft_house: Any, tenants: Any, who: str, status: int) -> None:
    made = await soft_house.make(tenants["owner"], tenants.organization)
    url = soft_house.entity.path + made["id"]
    assert (await soft_house.client(tenants["admin"]).delete(url)).status_code == 200
    before = await soft_house.row(made["id"])
    answer = await soft_house.client(tenants[who]).post(f"{url}/restore")
    assert answer.status_code == status
    assert (await soft_house.row(made["id"]) == before) is (status != 200)


async def test_an_owner_may_do_everything_with_what_is_personal(deletable: Any, tenants: Any) -> None:
    house = deletable
    client = house.client(tenants["stranger"])
    made = await house.make(tenants["stranger"])
    assert made["owner_id"] == str(tenants["stranger"].user_id)
    assert made["organization_id"] is None
    for operation in ("read", "update", "delete"):
        for answer in await ask(house, operation, client, made["id"], None):
            assert answer.status_code == 200, answer.text
    assert (await client.get(house.entity.path + made["id"])).status_code == 404


async def test_a_member_deletes_what_is_their_own(deletable: Any, tenants: Any) -> None:
    made = await deletable.make(tenants["member"], tenants.organization)
    answer = await deletable.client(tenants["member"]).delete(deletable.entity.path + made["id"])
    assert answer.status_code == 200


async def test_a_viewer_deletes_nothing_not_even_their_own(deletable: Any, tenants: Any) -> None:
    viewer = tenants["viewer"]
    made = await deletable.make(tenants["superuser"], tenants.organization, owner_id=str(viewer.user_id))
    answer = await deletable.client(viewer).delete(deletable.entity.path + made["id"])
    assert answer.status_code == 403


async def test_lists_show_an_organizations_or_ones_own(listed_house: Any, tenants: Any) -> None:
    house = listed_house
    personal = await house.make(tenants["member"])
    shared = await house.make(tenants["member"], tenants.organization)
    client = house.client(tenants["member"])
    own = (await client.get(house.entity.path)).json()
    assert ([item["id"] for item in own["data"]], own["count"]) == ([personal["id"]], 1)
    params = {"organization_id": str(tenants.organization)}
    theirs = (await house.client(tenants["viewer"]).get(house.entity.path, params=params)).json()
    assert ([item["id"] for item in theirs["data"]], theirs["count"]) == ([shared["id"]], 1)
    assert (await house.client(tenants["viewer"]).get(house.entity.path)).json() == {"data": [], "count": 0}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_a_named_organization_must_be_the_entitys_own(house: Any, tenants: Any, method: str) -> None:
    both, method = member_of_both(tenants), house.known(method)
    made = await house.make(both, tenants.organization)
    url, body = house.entity.path + made["id"], house.entity.change if method == "PUT" else None

    async def status(who: Any, organization: Any) -> int:
        params = {"organization_id": str(organization)}
        return int((await house.client(who).request(method, url, params=params, json=body)).status_code)

    assert await status(both, tenants.other) == 404
    assert await status(tenants["owner"], tenants.other) == 403
    assert await status(tenants["other organization"], tenants.other) == 404
    assert await status(both, tenants.organization) == 200


async def test_query_and_body_name_the_same_organization_or_it_is_422(house: Any, tenants: Any) -> None:
    client, params = house.client(member_of_both(tenants)), {"organization_id": str(tenants.organization)}
    other = {"organization_id": str(tenants.other)}
    by_query = await client.post(
        house.entity.path, params=params, json=house.entity.body | {"organization_id": None}
    )
    assert by_query.json()["organization_id"] == str(tenants.organization)
    url = house.entity.path + by_query.json()["id"]
    for answer in (
        await client.post(house.entity.path, params=params, json=house.entity.body | other),
        await client.put(url, params=params, json=other),
        await client.put(url, params=params, json={"organization_id": None}),
    ):
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"] == ["body", "organization_id"]


async def test_moving_in_needs_a_role_that_may_create_there(house: Any, tenants: Any) -> None:
    for who, status in (("viewer", 403), ("stranger", 403), ("member", 200)):
        made = await house.make(tenants[who])
        body = {"organization_id": str(tenants.organization)}
        answer = await house.client(tenants[who]).put(house.entity.path + made["id"], json=body)
        assert answer.status_code == status, answer.text
        moved = str(tenants.organization) if status == 200 else None
        read = await house.client(tenants[who]).get(house.entity.path + made["id"])
        assert read.json()["organization_id"] == moved


async def test_moving_out_is_for_the_organizations_owner(house: Any, tenants: Any) -> None:
    made = await house.make(tenants["member"], tenants.organization)
    url = house.entity.path + made["id"]
    for who in ("member", "admin"):
        assert (await house.client(tenants[who]).put(url, json={"organization_id": None})).status_code == 403
    answer = await house.client(tenants["owner"]).put(url, json={"organization_id": None})
    assert answer.status_code == 200
    assert (answer.json()["owner_id"], answer.json()["organization_id"]) == (made["owner_id"], None)
    assert (await house.client(tenants["owner"]).get(url)).status_code == 404
    assert (await house.client(tenants["member"]).get(url)).status_code == 200


async def test_only_administrators_set_the_owner(house: Any, tenants: Any) -> None:
    made = await house.make(tenants["member"], tenants.organization)
    url, body = house.entity.path + made["id"], {"owner_id": str(tenants["admin"].user_id)}
    for who in ("member", "owner"):
        client = house.client(tenants[who])
        assert (await client.put(url, json=body)).status_code == 403
        assert (await client.post(house.entity.path, json=house.entity.body | body)).status_code == 403
    assert (await house.row(made["id"]))["owner_id"] == tenants["member"].user_id
    answer = await house.client(tenants["superuser"]).put(url, json=body)
    assert (answer.status_code, answer.json()["owner_id"]) == (200, body["owner_id"])


@pytest.mark.parametrize("field", ["owner_id", "organization_id"])
async def test_an_administrators_unknown_owner_or_organization_is_422(
    house: Any, tenants: Any, field: str
) -> None:
    body = house.entity.body | {field: str(uuid4())}
    answer = await house.client(tenants["superuser"]).post(house.entity.path, json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", field]
    in_query = await house.client(tenants["superuser"]).post(
        house.entity.path,
        params={"organization_id": str(uuid4())},
        json=house.entity.body | {"organization_id": None},
    )
    assert in_query.status_code == 422


async def test_where_identity_is_away_an_administrators_owner_cant_be_checked(
    entity: Any, house: Any, tenants: Any, make_service: Any, client_for: Any
) -> None:
    lonely = await make_service(entity.declare, entity.settings, media_urls=house.service.settings.media_urls)
    client = client_for(lonely, tenants["superuser"])
    answer = await client.post(entity.path, json=entity.body | {"owner_id": str(uuid4())})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert (await client.post(entity.path, json=entity.body)).status_code == 201


def member_of_both(tenants: Any) -> Principal:
    """Somebody who owns both organizations."""
    return Principal(
        user_id=uuid4(), organizations={tenants.organization: Role.OWNER, tenants.other: Role.OWNER}
    )


async def test_unknown_and_foreign_ids_get_the_same_answer(house: Any, tenants: Any) -> None:
    made = await house.make(tenants["owner"], tenants.organization)
    client = house.client(tenants["other organization"])
    foreign = await client.get(house.entity.path + made["id"])
    unknown = await client.get(f"{house.entity.path}{uuid4()}")
    assert (foreign.status_code, foreign.json()) == (unknown.status_code, unknown.json())
    assert foreign.status_code == 404


async def test_a_token_that_isnt_ours_is_401(house: Any) -> None:
    for header in ("Bearer nonsense", "Bearer eyJhbGciOiJub25lIn0.e30.", "Basic dTpw"):
        client = house.client(Principal.anonymous())
        answer = await client.get(f"{house.entity.path}{uuid4()}", headers={"Authorization": header})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
