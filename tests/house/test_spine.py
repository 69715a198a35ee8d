"""Every operation of the house over the gateway, by people of two organizations."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from house.front_door import LOGIN, ORGANIZATIONS, PRESETS, SHOOTINGS, USERS, House, Person, Tenant, refused

PRESET_OPERATIONS = {
    "POST /api/v1/resolution-presets/",
    "GET /api/v1/resolution-presets/",
    "GET /api/v1/resolution-presets/{id}",
    "PUT /api/v1/resolution-presets/{id}",
    "DELETE /api/v1/resolution-presets/{id}",
    "POST /api/v1/resolution-presets/{id}/restore",
}
SHOOTING_OPERATIONS = {
    "POST /api/v1/shootings/",
    "GET /api/v1/shootings/",
    "GET /api/v1/shootings/{id}",
    "PUT /api/v1/shootings/{id}",
    "PATCH /api/v1/shootings/{id}",
    "DELETE /api/v1/shootings/{id}",
}
USER_OPERATIONS = {
    "POST /api/v1/login/access-token",
    "GET /.well-known/jwks.json",
    "POST /api/v1/users/",
    "GET /api/v1/users/",
    "GET /api/v1/users/me",
    "PATCH /api/v1/users/me",
    "GET /api/v1/users/{id}",
    "PATCH /api/v1/users/{id}",
    "DELETE /api/v1/users/{id}",
}
ORGANIZATION_OPERATIONS = {
    "POST /api/v1/organizations/",
    "GET /api/v1/organizations/",
    "GET /api/v1/organizations/{id}",
    "PATCH /api/v1/organizations/{id}",
    "DELETE /api/v1/organizations/{id}",
    "GET /api/v1/organizations/{id}/members",
    "POST /api/v1/organizations/{id}/members",
    "PATCH /api/v1/organizations/{id}/members/{id}",
    "DELETE /api/v1/organizations/{id}/members/{id}",
}
OPERATIONS = PRESET_OPERATIONS | SHOOTING_OPERATIONS | USER_OPERATIONS | ORGANIZATION_OPERATIONS
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\{\w+\}")


class Done:
    """Which operations have been answered with a 2xx to these people since it was made."""

    def __init__(self, *people: Person) -> None:
        self.operations: set[str] = set()
        self._clients = [person.http for person in people]

    def __enter__(self) -> set[str]:
        for client in self._clients:
            client.event_hooks = {"response": [self._note]}
        return self.operations

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.event_hooks = {}

    async def _note(self, answer: httpx.Response) -> None:
        if answer.is_success:
            self.operations.add(f"{answer.request.method} {ID.sub('{id}', answer.request.url.path)}")


def ok(answer: httpx.Response, status: int = 200) -> Any:
    """The body of an answer with that status."""
    assert answer.status_code == status, answer.text
    return answer.json()


def shows(body: dict[str, Any], **fields: Any) -> None:
    """Whether an answer has these fields."""
    assert {name: body[name] for name in fields} == fields


def ids(page: dict[str, Any]) -> list[str]:
    """Of a page of a list."""
    return [one["id"] for one in page["data"]]


async def operations_of(house: House) -> Iterable[str]:
    """What the gateway's document has."""
    document = (await house.client().get("/openapi.json")).json()
    return {
        f"{method.upper()} {ID.sub('{id}', path)}"
        for path, item in document["paths"].items()
        for method in item
    }


async def test_the_house_serves_every_operation_of_the_spine(house: House) -> None:
    assert set(await operations_of(house)) >= OPERATIONS


@pytest.fixture(params=["personal", "organization"])
def scope(request: pytest.FixtureRequest, here: Tenant) -> str | None:
    """Whose something is: an organization's, or its maker's own."""
    return here.id if request.param == "organization" else None


async def test_a_preset_is_made_read_changed_deleted_and_restored(
    root: Person, here: Tenant, scope: str | None
) -> None:
    owner, within = here["owner"], {"organization_id": scope} if scope else {}
    with Done(owner, root) as done:
        made = await owner.preset(scope, width=640, height=480)
        url = PRESETS + made["id"]
        shows(made, width=640, height=480, owner_id=owner.id, organization_id=scope, deleted_at=None)
        read = await owner.http.get(url)
        assert ok(read) == made
        before = ok(await owner.http.get(PRESETS, params=within))
        assert ids(before)[0] == made["id"]
        changed = await owner.http.put(url, json={"width": 800}, headers={"If-Match": read.headers["ETag"]})
        shows(ok(changed), width=800, height=480, name=made["name"])
        stale = {"If-Match": read.headers["ETag"]}
        refused(await owner.http.put(url, json={"width": 1}, headers=stale), 412)
        ok(await owner.http.delete(url, headers={"If-Match": changed.headers["ETag"]}))
        refused(await owner.http.get(url), 404)
        refused(await owner.http.delete(url), 404)
        assert ok(await owner.http.get(PRESETS, params=within))["count"] == before["count"] - 1
        refused(await owner.http.post(f"{url}/restore"), 403)
        shows(ok(await root.http.post(f"{url}/restore")), width=800, deleted_at=None)
        assert ok(await owner.http.get(url))["width"] == 800
    assert done >= PRESET_OPERATIONS


async def test_a_shooting_is_planned_read_changed_and_deleted(here: Tenant, scope: str | None) -> None:
    member, within = here["member"], {"organization_id": scope} if scope else {}
    with Done(member) as done:
        made = await member.shooting(scope, season="SS30", brand="Okafor", description="Knitwear")
        url = SHOOTINGS + made["id"]
        shows(made, season="SS30", owner_id=member.id, organization_id=scope, status="WITHOUT_STATUS")
        read = await member.http.get(url)
        assert ok(read) == made | {"looks": []}
        before = ok(await member.http.get(SHOOTINGS, params=within))
        assert ids(before)[0] == made["id"]
        put = await member.http.put(url, json={"season": None}, headers={"If-Match": read.headers["ETag"]})
        shows(ok(put), season=None, brand="Okafor", due_date=made["due_date"])
        stale = {"If-Match": read.headers["ETag"]}
        refused(await member.http.patch(url, json={"season": "AW30"}, headers=stale), 412)
        shows(ok(await member.http.patch(url, json={"archived": True})), archived=True, brand="Okafor")
        unknown = {"default_guidelines_id": str(uuid4())}
        refused(await member.http.patch(url, json=unknown), 422)
        ok(await member.http.delete(url))
        refused(await member.http.get(url), 404)
        assert ok(await member.http.get(SHOOTINGS, params=within))["count"] == before["count"] - 1
    assert done >= SHOOTING_OPERATIONS


async def test_a_user_is_registered_signs_in_is_changed_and_deactivated(house: House, root: Person) -> None:
    somebody = await house.person(root, full_name="Mira")
    anybody, url = house.client(), USERS + somebody.id
    with Done(root, somebody) as done:
        shows(ok(await somebody.http.get(f"{USERS}me")), full_name="Mira", is_superuser=False)
        shows(ok(await somebody.http.patch(f"{USERS}me", json={"full_name": "Mira O."})), full_name="Mira O.")
        refused(await somebody.http.get(USERS), 403)
        refused(await somebody.http.post(USERS, json={"email": "a@example.com", "password": "x" * 12}), 403)
        refused(await somebody.http.get(url), 403)
        shows(ok(await root.http.get(url)), email=somebody.email, full_name="Mira O.")
        assert somebody.id in ids(ok(await root.http.get(USERS)))
        new = {"password": uuid4().hex, "email": f"{uuid4()}@example.com"}
        shows(ok(await root.http.patch(url, json=new)), email=new["email"])
        taken = {"email": new["email"], "password": uuid4().hex}
        refused(await root.http.post(USERS, json=taken), 409)
        await root.make(USERS, email=f"{uuid4()}@example.com", password=uuid4().hex)
        again = await house.sign_in(new["email"], new["password"])
        assert again.id == somebody.id
        ok(await root.http.delete(url))
        assert ok(await root.http.get(url))["is_active"] is False
    refused(await again.http.get(f"{USERS}me"), 401)
    form = {"username": new["email"], "password": new["password"]}
    assert (await anybody.post(LOGIN, data=form)).status_code in (400, 401)
    assert ok(await anybody.get("/.well-known/jwks.json"))["keys"][0]["alg"] == "EdDSA"
    assert done >= USER_OPERATIONS - {"POST /api/v1/login/access-token", "GET /.well-known/jwks.json"}


async def test_an_organization_lives_from_its_making_to_its_end(house: House, root: Person) -> None:
    owner, other = await house.person(root, "owner"), await house.person(root, "other")
    with Done(owner) as done:
        made = await owner.make(ORGANIZATIONS, name="Maison Okafor")
        url = ORGANIZATIONS + made["id"]
        shows(made, name="Maison Okafor", owner_id=owner.id, role="owner")
        assert ids(ok(await owner.http.get(ORGANIZATIONS))) == [made["id"]]
        shows(ok(await owner.http.patch(url, json={"name": "Okafor"})), name="Okafor", slug=made["slug"])
        joined = await owner.make(f"{url}/members", email=other.email, role="viewer")
        shows(joined, user_id=other.id, role="viewer", organization_id=made["id"])
        shows(ok(await other.http.get(url)), name="Okafor", role="viewer")
        member = f"{url}/members/{other.id}"
        shows(ok(await owner.http.patch(member, json={"role": "admin"})), role="admin")
        assert ok(await owner.http.get(f"{url}/members"))["count"] == 2
        refused(await owner.http.delete(url), 409)
        refused(await owner.http.delete(f"{url}/members/{owner.id}"), 409)
        ok(await owner.http.delete(member))
        refused(await other.http.get(url), 404)
        ok(await owner.http.get(url))
        ok(await owner.http.delete(url))
        refused(await owner.http.get(url), 404)
    assert done >= ORGANIZATION_OPERATIONS


async def test_a_post_with_a_key_has_one_effect_and_one_answer(here: Tenant) -> None:
    owner, key, body = here["owner"], {"Idempotency-Key": str(uuid4())}, {"name": str(uuid4())}
    examples: dict[str, dict[str, Any]] = {
        PRESETS: {"width": 1, "height": 1},
        SHOOTINGS: {"due_date": "2030-01-01T00:00:00Z"},
    }
    for path, more in examples.items():
        first = await owner.http.post(path, json=body | more, headers=key)
        again = await owner.http.post(path, json=body | more, headers=key)
        assert ok(again, 201) == ok(first, 201)
        assert again.headers["ETag"] == first.headers["ETag"]
        refused(await owner.http.post(path, json=body | more | {"name": "x"}, headers=key), 422)
        names = [one["name"] for one in ok(await owner.http.get(path))["data"]]
        assert names.count(body["name"]) == 1
    organization = [await owner.http.post(ORGANIZATIONS, json=body, headers=key) for _ in range(2)]
    assert ok(organization[0], 201) == ok(organization[1], 201)


async def test_lists_are_paged(house: House, root: Person) -> None:
    somebody = await house.person(root)
    for make, path in ((somebody.preset, PRESETS), (somebody.shooting, SHOOTINGS)):
        made = [(await make())["id"] for _ in range(5)]
        page = ok(await somebody.http.get(path, params={"skip": 1, "limit": 2}))
        assert (ids(page), page["count"]) == (made[::-1][1:3], 5)
        page = ok(await somebody.http.get(path, params={"page": 2, "size": 2}))
        assert (ids(page), page["count"]) == (made[::-1][2:4], 5)
        refused(await somebody.http.get(path, params={"page": 1, "limit": 2}), 422)
