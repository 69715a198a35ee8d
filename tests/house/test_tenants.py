"""Walls between organizations, roles inside of one, and how soon a change of them holds."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid4

import pytest

from atelier.contracts.organizations import Role
from atelier.runtime.auth import Principal
from house.front_door import (
    ORGANIZATIONS,
    PRESETS,
    SHOOTINGS,
    USERS,
    House,
    Person,
    Tenant,
    eventually,
    principal,
    refused,
)

HOLDS_WITHIN = 6.0
"""Seconds: five, and one for the requests."""
KINDS = {PRESETS: "preset", SHOOTINGS: "shooting"}
CHANGES: dict[str, dict[str, Any]] = {PRESETS: {"width": 2}, SHOOTINGS: {"season": "AW30"}}
UPDATES = {PRESETS: ("PUT",), SHOOTINGS: ("PUT", "PATCH")}


async def make(person: Person, path: str, organization: str | None = None) -> str:
    """A new one of that kind; its id."""
    made = await getattr(person, KINDS[path])(organization)
    return str(made["id"])


@pytest.fixture(params=list(KINDS), ids=list(KINDS.values()))
def path(request: pytest.FixtureRequest) -> str:
    """Each kind of entity in turn."""
    return str(request.param)


@pytest.fixture(params=["there's owner", "stranger"])
def outsider(request: pytest.FixtureRequest, there: Tenant, stranger: Person) -> Person:
    """Somebody who isn't in the first organization."""
    return stranger if request.param == "stranger" else there["owner"]


async def test_what_belongs_to_another_organization_doesnt_exist(
    here: Tenant, outsider: Person, path: str
) -> None:
    id_ = await make(here["owner"], path, here.id)
    url, unknown = path + id_, path + str(uuid4())
    asked = [
        await outsider.http.request(method, one) for one in (url, unknown) for method in ("GET", "DELETE")
    ]
    for method in UPDATES[path]:
        asked += [await outsider.http.request(method, one, json=CHANGES[path]) for one in (url, unknown)]
    for answer in asked:
        refused(answer, 404)
    assert len({answer.json()["detail"] for answer in asked}) == 1
    assert (await here["owner"].http.get(url)).headers["ETag"] == '"1"'


async def test_another_organizations_lists_and_counts_are_closed(
    here: Tenant, outsider: Person, path: str
) -> None:
    await make(here["owner"], path, here.id)
    refused(await outsider.http.get(path, params={"organization_id": here.id}), 403)
    personal = (await outsider.http.get(path)).json()
    await make(here["owner"], path)
    assert (await outsider.http.get(path)).json() == personal
    assert personal["count"] == len(personal["data"])


async def test_nobody_puts_anything_into_another_organization(
    here: Tenant, outsider: Person, path: str
) -> None:
    count = (await here["owner"].http.get(path, params={"organization_id": here.id})).json()["count"]
    example = {"name": "Mine", "width": 1, "height": 1, "due_date": "2030-01-01T00:00:00Z"}
    refused(await outsider.http.post(path, json=example | {"organization_id": here.id}), 403)
    refused(await outsider.http.post(path, json=example, params={"organization_id": here.id}), 403)
    mine = await make(outsider, path)
    refused(await outsider.http.put(path + mine, json={"organization_id": here.id}), 403)
    after = (await here["owner"].http.get(path, params={"organization_id": here.id})).json()["count"]
    assert after == count


@pytest.mark.parametrize(
    ("role", "create", "update", "delete"),
    [
        ("viewer", 403, 403, 403),
        ("member", 201, 200, 403),
        ("admin", 201, 200, 200),
        ("owner", 201, 200, 200),
    ],
)
async def test_inside_an_organization_the_role_decides(
    here: Tenant, path: str, role: str, create: int, update: int, delete: int
) -> None:
    person, id_ = here[role], await make(here["owner"], path, here.id)
    assert (await person.http.get(path + id_)).status_code == 200
    example = {"name": "Ours", "width": 1, "height": 1, "due_date": "2030-01-01T00:00:00Z"}
    made = await person.http.post(path, json=example, params={"organization_id": here.id})
    changed = await person.http.put(path + id_, json=CHANGES[path])
    deleted = await person.http.delete(path + id_)
    assert (made.status_code, changed.status_code, deleted.status_code) == (create, update, delete)


async def test_an_organization_doesnt_exist_for_outsiders(here: Tenant, outsider: Person) -> None:
    url = ORGANIZATIONS + here.id
    member = f"{url}/members/{here['viewer'].id}"
    for answer in (
        await outsider.http.get(url),
        await outsider.http.patch(url, json={"name": "Mine"}),
        await outsider.http.delete(url),
        await outsider.http.get(f"{url}/members"),
        await outsider.http.post(f"{url}/members", json={"user_id": outsider.id, "role": "admin"}),
        await outsider.http.patch(member, json={"role": "admin"}),
        await outsider.http.delete(member),
    ):
        refused(answer, 404)
    assert here.id not in (await outsider.http.get(ORGANIZATIONS)).text


async def test_every_operation_but_the_open_ones_needs_a_login(house: House) -> None:
    nobody = house.client()
    paths = (await nobody.get("/openapi.json")).json()["paths"]
    for path, item in paths.items():
        for method, operation in item.items():
            answer = await nobody.request(method, re.sub(r"\{\w+\}", lambda _: str(uuid4()), path))
            if operation.get("security"):
                refused(answer, 401)
            else:  # 404: a file that isn't there
                assert answer.status_code in (200, 404, 422), f"{method} {path}: {answer.text}"


async def test_a_changed_role_holds_on_the_same_token_though_the_gateway_wasnt_told(
    house: House, root: Person
) -> None:
    owner, member = await house.person(root), await house.person(root)
    organization = (await owner.make(ORGANIZATIONS, name="Roles"))["id"]
    members = f"{ORGANIZATIONS}{organization}/members"
    await owner.make(members, user_id=member.id, role="member")
    await member.preset(organization)
    async with house.inside("identity", principal(owner, **{organization: Role.OWNER})) as identity:
        changed = await identity.patch(f"{members}/{member.id}", json={"role": "viewer"})
    assert changed.status_code == 200

    async def may_no_longer() -> bool:
        body = {"name": "Late", "width": 1, "height": 1, "organization_id": organization}
        return (await member.http.post(PRESETS, json=body)).status_code == 403

    await eventually(may_no_longer, within=HOLDS_WITHIN)


async def test_a_change_through_the_gateway_holds_at_once(house: House, root: Person) -> None:
    owner, member = await house.person(root), await house.person(root)
    organization = (await owner.make(ORGANIZATIONS, name="Roles"))["id"]
    members = f"{ORGANIZATIONS}{organization}/members"
    await owner.make(members, user_id=member.id, role="member")
    shooting = await member.shooting(organization)
    assert (await owner.http.delete(f"{members}/{member.id}")).status_code == 200
    refused(await member.http.get(SHOOTINGS + shooting["id"]), 404)
    assert (await root.http.delete(USERS + member.id)).status_code == 200
    refused(await member.http.get(SHOOTINGS), 401)


async def test_a_deactivated_user_is_out_though_the_gateway_wasnt_told(house: House, root: Person) -> None:
    somebody = await house.person(root)
    assert (await somebody.http.get(PRESETS)).status_code == 200
    administrator = Principal(user_id=UUID(root.id), superuser=True)
    async with house.inside("identity", administrator) as identity:
        assert (await identity.delete(USERS + somebody.id)).status_code == 200

    async def is_out() -> bool:
        return (await somebody.http.get(PRESETS)).status_code == 401

    await eventually(is_out, within=HOLDS_WITHIN)
