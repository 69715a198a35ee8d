"""Organizations: who may see, change and delete them, and what is told of it."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from atelier.contracts.organizations import Role

ORGANIZATIONS = "/api/v1/organizations/"
FIELDS = {"id", "name", "slug", "logo_url", "owner_id", "created_at", "updated_at", "role"}
SLUG_TAKEN = {"detail": "An organization with this slug exists already; choose another slug."}


@pytest.fixture
def organization(person: Any) -> Any:
    """Make an organization with somebody in each role: (its answer, people by role)."""

    async def make(**fields: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        people = {role.value: await person() for role in Role} | {"stranger": await person()}
        body = {"name": "Maison Okafor", "slug": uuid4().hex} | fields
        made = (await people["owner"].client.post(ORGANIZATIONS, json=body)).json()
        for role in ("viewer", "member", "admin"):
            sent = {"user_id": str(people[role].id), "role": role}
            added = await people["owner"].client.post(f"{ORGANIZATIONS}{made['id']}/members", json=sent)
            assert added.status_code == 201, added.text
        return made, people

    return make


async def test_the_maker_is_owner_and_only_member(person: Any, events_of: Any) -> None:
    mira = await person()
    sent = {"name": "Maison Okafor", "slug": uuid4().hex, "logo_url": "https://example.com/logo.png"}
    answer = await mira.client.post(ORGANIZATIONS, json=sent)
    made = answer.json()
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    assert made.keys() == FIELDS
    assert made == made | sent | {"owner_id": str(mira.id), "role": "owner"}
    assert (await mira.client.get(ORGANIZATIONS + made["id"])).json() == made
    assert (await mira.client.get(ORGANIZATIONS)).json() == {"data": [made], "count": 1}

    (told,) = await events_of(made["id"])
    assert (told.type, str(told.organization_id)) == ("OrganizationCreated", made["id"])
    state = told.body.state
    assert (state.slug, state.owner_id, str(state.organization_id)) == (sent["slug"], mira.id, made["id"])
    assert [(member.user_id, member.role) for member in state.members] == [(mira.id, Role.OWNER)]


async def test_a_slug_comes_from_the_name_and_stays_unique(person: Any) -> None:
    mira = await person()
    name = f"Élan {uuid4().hex}"
    slug = name.lower().replace("é", "e").replace(" ", "-")
    first, second = [(await mira.client.post(ORGANIZATIONS, json={"name": name})).json() for _ in range(2)]
    assert first["slug"] == slug
    assert second["slug"] == f"{slug}-{second['id'].replace('-', '')[-8:]}"


async def test_a_sent_slug_that_is_taken_is_a_conflict(person: Any) -> None:
    one, two = await person(), await person()
    slug = uuid4().hex
    assert (await one.client.post(ORGANIZATIONS, json={"name": "A", "slug": slug})).status_code == 201
    answer = await two.client.post(ORGANIZATIONS, json={"name": "B", "slug": slug})
    assert (answer.status_code, answer.json()) == (409, SLUG_TAKEN)
    other = (await two.client.post(ORGANIZATIONS, json={"name": "B"})).json()
    answer = await two.client.patch(ORGANIZATIONS + other["id"], json={"slug": slug})
    assert (answer.status_code, answer.json()) == (409, SLUG_TAKEN)
    assert (await two.client.get(ORGANIZATIONS)).json() == {"data": [other], "count": 1}


async def test_two_at_once_with_one_slug_are_one_organization_and_one_conflict(person: Any) -> None:
    people = [await person() for _ in range(4)]
    body = {"name": "A", "slug": uuid4().hex}
    answers = await asyncio.gather(*[one.client.post(ORGANIZATIONS, json=body) for one in people])
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert next(answer for answer in answers if answer.status_code == 409).json() == SLUG_TAKEN


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "x" * 256},
        {"name": None},
        {"name": "a\0b"},
        {"slug": ""},
        {"slug": "x" * 65},
        {"slug": "Upper"},
        {"slug": "a b"},
        {"slug": "a\n"},
        {"slug": "é"},
        {"logo_url": "ftp://example.com/a.png"},
        {"logo_url": "javascript:alert(1)"},
        {"logo_url": "logo.png"},
        {"logo_url": "https://"},
        {"logo_url": "https://example.com/" + "x" * 2048},
        {"logo_url": "https://example.com/" + "é" * 700},
        {"logo_url": 5},
    ],
)
async def test_a_wrong_field_is_422(person: Any, wrong: dict[str, Any]) -> None:
    mira = await person()
    answer = await mira.client.post(ORGANIZATIONS, json={"name": "A"} | wrong)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", *wrong]
    assert (await mira.client.get(ORGANIZATIONS)).json()["count"] == 0


async def test_only_what_is_sent_changes(organization: Any, events_of: Any) -> None:
    made, people = await organization()
    owner, path = people["owner"].client, ORGANIZATIONS + made["id"]
    changes = (
        {"name": "Okafor"},
        {"slug": uuid4().hex},
        {"logo_url": "https://example.com/a.png"},
        {"logo_url": None},
    )
    for change in changes:
        before = (await owner.get(path)).json()
        after = (await owner.patch(path, json=change)).json()
        assert after == before | change | {"updated_at": after["updated_at"]}
    told = await events_of(made["id"])
    assert [event.version for event in told] == list(range(1, 9))
    assert [event.type for event in told[4:]] == 4 * ["OrganizationUpdated"]
    assert len(told[-1].body.state.members) == 4
    nothing = await owner.patch(path, json={"name": None, "slug": None, "logo_url": None})
    assert (nothing.json(), nothing.headers["etag"]) == (after, '"8"')


async def test_the_table_says_who_may_what(organization: Any, root: Any, nobody: Any) -> None:
    made, people = await organization()
    path = ORGANIZATIONS + made["id"]
    clients = {name: who.client for name, who in people.items()} | {"superuser": root.client}
    members, managers = {"viewer", "member", "admin", "owner", "superuser"}, {"admin", "owner", "superuser"}
    for name, client in clients.items():
        seen = 200 if name in members else 404
        assert (await client.get(path)).status_code == seen
        assert (await client.get(f"{path}/members")).status_code == seen
        changed = await client.patch(path, json={"name": name})
        assert changed.status_code == (200 if name in managers else 403 if name in members else 404)
        deleted = await client.delete(path)
        allowed = 409 if name in {"owner", "superuser"} else 403 if name in members else 404
        assert deleted.status_code == allowed
    for method in ("GET", "PATCH", "DELETE"):
        assert (await nobody.request(method, path, json={})).status_code == 401
    assert (await nobody.get(ORGANIZATIONS)).status_code == 401
    assert (await nobody.post(ORGANIZATIONS, json={"name": "A"})).status_code == 401


async def test_everybody_is_told_their_own_role(organization: Any, root: Any) -> None:
    made, people = await organization()
    path = ORGANIZATIONS + made["id"]
    for role in Role:
        assert (await people[role].client.get(path)).json()["role"] == role.value
        listed = (await people[role].client.get(ORGANIZATIONS)).json()
        assert listed == {"data": [made | {"role": role.value, "updated_at": ANY_TIME}], "count": 1}
    assert (await root.client.get(path)).json()["role"] is None
    assert (await people["admin"].client.patch(path, json={"name": "B"})).json()["role"] == "admin"
    assert (await root.client.patch(path, json={"name": "C"})).json()["role"] is None


async def test_the_list_has_ones_own_organizations_newest_first(person: Any, root: Any) -> None:
    mira, other = await person(), await person()
    made = [(await mira.client.post(ORGANIZATIONS, json={"name": str(n)})).json() for n in range(3)]
    assert (await mira.client.get(ORGANIZATIONS)).json() == {"data": made[::-1], "count": 3}
    page = (await mira.client.get(ORGANIZATIONS, params={"skip": 1, "limit": 1})).json()
    assert page == {"data": [made[1]], "count": 3}
    for who in (other, root):
        assert (await who.client.get(ORGANIZATIONS)).json() == {"data": [], "count": 0}


async def test_a_role_holds_at_once_whatever_the_token_says(
    organization: Any, identity: Any, client_for: Any
) -> None:
    from atelier.runtime.auth import Principal

    made, people = await organization()
    path = ORGANIZATIONS + made["id"]
    stranger = people["stranger"]
    forged = Principal(user_id=stranger.id, organizations={made["id"]: Role.OWNER})
    stale = client_for(identity, forged)
    assert (await stale.get(path)).status_code == 404
    assert (await stale.patch(path, json={"name": "Mine"})).status_code == 404
    assert (await stale.delete(path)).status_code == 404


async def test_a_deleted_organization_tells_its_last_owner(
    person: Any, events_of: Any, identity: Any
) -> None:
    mira = await person()
    made = (await mira.client.post(ORGANIZATIONS, json={"name": "A"})).json()
    path = ORGANIZATIONS + made["id"]
    assert (await mira.client.delete(path, headers={"If-Match": '"7"'})).status_code == 412
    answer = await mira.client.delete(path, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()) == (200, {"message": "Organization deleted."})
    assert (await mira.client.get(path)).status_code == 404
    assert (await mira.client.delete(path)).status_code == 404
    assert (await mira.client.get(ORGANIZATIONS)).json()["count"] == 0

    told = (await events_of(made["id"]))[-1]
    assert (told.type, told.version, told.body.last_owner_id) == ("OrganizationDeleted", 2, mira.id)
    assert told.body.state.deleted_at is not None
    assert [member.user_id for member in told.body.state.members] == [mira.id]
    async with identity.sessions() as session:
        left = "SELECT count(*) FROM members WHERE organization_id = :id"
        assert (await session.execute(text(left), {"id": made["id"]})).scalar_one() == 0
    again = await mira.client.post(ORGANIZATIONS, json={"name": "A", "slug": made["slug"]})
    assert again.status_code == 201


async def test_a_superuser_deletes_what_has_one_member(person: Any, root: Any, events_of: Any) -> None:
    mira = await person()
    made = (await mira.client.post(ORGANIZATIONS, json={"name": "A"})).json()
    assert (await root.client.delete(ORGANIZATIONS + made["id"])).status_code == 200
    assert (await events_of(made["id"]))[-1].body.last_owner_id == mira.id


async def test_an_organization_with_others_in_it_stays(organization: Any) -> None:
    made, people = await organization()
    answer = await people["owner"].client.delete(ORGANIZATIONS + made["id"])
    assert answer.status_code == 409
    assert "other members" in answer.json()["detail"]
    assert (await people["viewer"].client.get(ORGANIZATIONS + made["id"])).status_code == 200


async def test_a_delete_and_a_new_member_at_once_are_one_of_both(person: Any) -> None:
    for _ in range(5):
        mira, other = await person(), await person()
        made = (await mira.client.post(ORGANIZATIONS, json={"name": "A"})).json()
        path = ORGANIZATIONS + made["id"]
        sent = {"user_id": str(other.id), "role": "member"}
        answers = await asyncio.gather(
            mira.client.delete(path), mira.client.post(f"{path}/members", json=sent)
        )
        assert tuple(answer.status_code for answer in answers) in {(200, 404), (409, 201)}


async def test_a_stale_version_is_412(organization: Any) -> None:
    made, people = await organization()
    client, path = people["owner"].client, ORGANIZATIONS + made["id"]
    stale = {"If-Match": '"3"'}
    assert (await client.patch(path, json={"name": "B"}, headers=stale)).status_code == 412
    assert (await client.delete(path, headers=stale)).status_code == 412
    assert (await client.patch(path, json={"name": "B"}, headers={"If-Match": '"4"'})).status_code == 200


async def test_a_repeated_key_makes_one_organization(person: Any) -> None:
    mira = await person()
    key = {"Idempotency-Key": uuid4().hex}
    answers = [await mira.client.post(ORGANIZATIONS, json={"name": "A"}, headers=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert (await mira.client.get(ORGANIZATIONS)).json()["count"] == 1


class _AnyTime:
    def __eq__(self, other: object) -> bool:
        return isinstance(other, str)

    __hash__ = None  # type: ignore[assignment]


ANY_TIME = _AnyTime()
