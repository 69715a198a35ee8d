"""Members: who takes whom in, in which role, and how they leave."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from atelier.contracts.organizations import Role

ORGANIZATIONS = "/api/v1/organizations/"


class Organization:
    """An organization, its owner's client, and the paths of its members."""

    def __init__(self, id_: str, owner: Any) -> None:
        self.id, self.owner = id_, owner
        self.path = f"{ORGANIZATIONS}{id_}"
        self.members = f"{self.path}/members"

    def member(self, person: Any) -> str:
        return f"{self.members}/{person.id}"

    async def add(self, person: Any, role: str) -> Any:
        sent = {"user_id": str(person.id), "role": role}
        return await self.owner.client.post(self.members, json=sent)

    async def roles(self) -> dict[str, str]:
        listed = (await self.owner.client.get(self.members)).json()
        assert listed["count"] == len(listed["data"])
        return {member["user_id"]: member["role"] for member in listed["data"]}


@pytest.fixture
async def organization(person: Any) -> Organization:
    """A new organization with only its owner in it."""
    owner = await person()
    made = (await owner.client.post(ORGANIZATIONS, json={"name": uuid4().hex})).json()
    return Organization(made["id"], owner)


async def test_a_member_is_added_by_id_or_by_address(organization: Any, person: Any, events_of: Any) -> None:
    mira, noor = await person(full_name="Mira"), await person()
    by_id = await organization.add(mira, "viewer")
    by_email = await organization.owner.client.post(
        organization.members, json={"email": noor.email.upper(), "role": "admin"}
    )
    assert (by_id.status_code, by_email.status_code) == (201, 201)
    assert (by_id.headers["etag"], by_email.headers["etag"]) == ('"2"', '"3"')
    assert by_id.json() == {
        "organization_id": organization.id,
        "user_id": str(mira.id),
        "role": "viewer",
        "created_at": by_id.json()["created_at"],
        "user": {"id": str(mira.id), "email": mira.email, "full_name": "Mira"},
    }
    listed = (await mira.client.get(organization.members)).json()
    assert listed["count"] == 3
    assert listed["data"][1:] == [by_id.json(), by_email.json()]
    assert listed["data"][0]["role"] == "owner"

    told = await events_of(organization.id)
    assert [event.type for event in told] == ["OrganizationCreated", "MemberAdded", "MemberAdded"]
    assert (told[1].body.user_id, told[1].body.role) == (mira.id, Role.VIEWER)
    assert [member.user_id for member in told[2].body.state.members] == [
        organization.owner.id,
        mira.id,
        noor.id,
    ]


async def test_the_list_has_pages(organization: Any, person: Any) -> None:
    for _ in range(2):
        await organization.add(await person(), "member")
    page = (await organization.owner.client.get(organization.members, params={"skip": 1, "limit": 1})).json()
    assert (len(page["data"]), page["count"]) == (1, 3)


@pytest.mark.parametrize(
    "sent",
    [
        {"role": "member"},
        {"role": "member", "user_id": None},
        {"role": "member", "user_id": str(uuid4()), "email": "mira@example.com"},
        {"role": "member", "user_id": "mira"},
        {"role": "member", "email": "mira"},
        {"role": "owner", "user_id": str(uuid4())},
        {"role": "boss", "user_id": str(uuid4())},
        {"role": None, "user_id": str(uuid4())},
        {"user_id": str(uuid4())},
    ],
)
async def test_a_wrong_body_is_422(organization: Any, sent: dict[str, Any]) -> None:
    answer = await organization.owner.client.post(organization.members, json=sent)
    assert (answer.status_code, answer.json()["detail"][0]["loc"][0]) == (422, "body")


async def test_unknown_and_inactive_users_are_422_alike(organization: Any, person: Any) -> None:
    gone = await person(is_active=False)
    texts = set()
    for field, value in (
        ("user_id", str(uuid4())),
        ("user_id", str(gone.id)),
        ("email", f"{uuid4().hex}@example.com"),
        ("email", gone.email),
    ):
        answer = await organization.owner.client.post(
            organization.members, json={"role": "member", field: value}
        )
        (problem,) = answer.json()["detail"]
        assert (answer.status_code, problem["loc"]) == (422, ["body", field])
        texts.add((problem["msg"], problem["type"]))
    assert texts == {("There is nothing with this id that may be used here.", "unknown_id")}


async def test_a_member_is_added_once(organization: Any, person: Any, events_of: Any) -> None:
    mira = await person()
    answers = await asyncio.gather(*[organization.add(mira, "member") for _ in range(3)])
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    assert (await organization.add(organization.owner, "viewer")).status_code == 409
    assert len(await events_of(organization.id)) == 2


async def test_many_at_once_are_all_in_the_state(organization: Any, person: Any, events_of: Any) -> None:
    people = [await person() for _ in range(6)]
    answers = await asyncio.gather(*[organization.add(one, "member") for one in people])
    assert {answer.status_code for answer in answers} == {201}
    told = await events_of(organization.id)
    assert [event.version for event in told] == list(range(1, 8))
    assert [len(event.body.state.members) for event in told] == list(range(1, 8))


async def test_a_role_changes(organization: Any, person: Any, events_of: Any) -> None:
    mira = await person()
    added = (await organization.add(mira, "viewer")).json()
    for _ in range(2):
        answer = await organization.owner.client.patch(organization.member(mira), json={"role": "admin"})
        assert (answer.status_code, answer.json()) == (200, added | {"role": "admin"})
        assert answer.headers["etag"] == '"3"'
    told = (await events_of(organization.id))[-1]
    assert (told.type, told.version) == ("MemberRoleChanged", 3)
    assert (told.body.user_id, told.body.role, told.body.previous_role) == (mira.id, Role.ADMIN, Role.VIEWER)
    assert told.body.state.members[1].role is Role.ADMIN
    for wrong in ({"role": "owner"}, {"role": None}, {}):
        answer = await organization.owner.client.patch(organization.member(mira), json=wrong)
        assert answer.status_code == 422


async def test_a_member_is_removed_and_may_come_again(organization: Any, person: Any, events_of: Any) -> None:
    mira = await person()
    await organization.add(mira, "member")
    answer = await organization.owner.client.delete(organization.member(mira))
    assert (answer.status_code, answer.json()) == (200, {"message": "Member removed."})
    assert (await mira.client.get(organization.path)).status_code == 404
    assert (await organization.owner.client.delete(organization.member(mira))).status_code == 404
    told = (await events_of(organization.id))[-1]
    assert (told.type, told.body.user_id) == ("MemberRemoved", mira.id)
    assert [member.user_id for member in told.body.state.members] == [organization.owner.id]
    assert (await organization.add(mira, "viewer")).status_code == 201


@pytest.mark.parametrize("role", ["viewer", "member", "admin"])
async def test_every_member_may_leave(organization: Any, person: Any, role: str) -> None:
    mira = await person()
    await organization.add(mira, role)
    assert (await mira.client.delete(organization.member(mira))).status_code == 200
    assert await organization.roles() == {str(organization.owner.id): "owner"}


async def test_the_owner_stays_the_owner(organization: Any, person: Any, root: Any) -> None:
    admin = await person()
    await organization.add(admin, "admin")
    path = organization.member(organization.owner)
    for who, status in ((admin, 403), (organization.owner, 409), (root, 409)):
        assert (await who.client.patch(path, json={"role": "viewer"})).status_code == status
        assert (await who.client.delete(path)).status_code == status
    assert (await organization.roles())[str(organization.owner.id)] == "owner"


async def test_the_table_says_who_manages_members(
    organization: Any, person: Any, root: Any, nobody: Any
) -> None:
    people = {role: await person() for role in ("viewer", "member", "admin")}
    for role, who in people.items():
        await organization.add(who, role)
    stranger = await person()
    expected = {"viewer": 403, "member": 403, "admin": 0, "owner": 0, "superuser": 0, "stranger": 404}
    askers = people | {"owner": organization.owner, "superuser": root, "stranger": stranger}
    for name, who in askers.items():
        target = await person()
        sent = {"user_id": str(target.id), "role": "member"}
        refused = expected[name]
        added = await who.client.post(organization.members, json=sent)
        assert added.status_code == (refused or 201)
        await organization.add(target, "member")
        changed = await who.client.patch(organization.member(target), json={"role": "viewer"})
        assert changed.status_code == (refused or 200)
        assert (await who.client.delete(organization.member(target))).status_code == (refused or 200)
        assert (await who.client.get(organization.members)).status_code == (404 if refused == 404 else 200)
    assert (await nobody.get(organization.members)).status_code == 401
    assert (await nobody.post(organization.members, json={})).status_code == 401
    assert (await nobody.patch(organization.member(stranger), json={})).status_code == 401
    assert (await nobody.delete(organization.member(stranger))).status_code == 401


async def test_another_organizations_members_are_not_this_ones(organization: Any, person: Any) -> None:
    mira, noor = await person(), await person()
    await organization.add(mira, "admin")
    other = (await noor.client.post(ORGANIZATIONS, json={"name": "Other"})).json()
    theirs = f"{ORGANIZATIONS}{other['id']}/members"
    assert (await mira.client.get(theirs)).status_code == 404
    assert (await mira.client.patch(f"{theirs}/{noor.id}", json={"role": "viewer"})).status_code == 404
    assert (await mira.client.delete(f"{theirs}/{mira.id}")).status_code == 404
    assert (await mira.client.delete(organization.member(noor))).status_code == 404
    assert (await mira.client.patch(organization.member(noor), json={"role": "viewer"})).status_code == 404


async def test_if_match_is_the_organizations(organization: Any, person: Any) -> None:
    mira, noor = await person(), await person()
    client, stale = organization.owner.client, {"If-Match": '"1"'}
    sent = {"user_id": str(mira.id), "role": "member"}
    assert (await client.post(organization.members, json=sent, headers=stale)).status_code == 201
    sent = {"user_id": str(noor.id), "role": "member"}
    assert (await client.post(organization.members, json=sent, headers=stale)).status_code == 412
    changed = await client.patch(organization.member(mira), json={"role": "viewer"}, headers=stale)
    assert changed.status_code == 412
    assert (await client.delete(organization.member(mira), headers=stale)).status_code == 412
    assert (await client.get(organization.path)).headers["etag"] == '"2"'


async def test_more_members_than_an_event_can_tell_are_422(
    organization: Any, person: Any, identity: Any
) -> None:
    """A state is at most 256 KB; the members were put there behind the service's back."""
    fill = (
        "WITH made AS (INSERT INTO users (id, version, created_at, updated_at, email, password_hash, "
        "is_active, is_superuser) SELECT gen_random_uuid(), 1, now(), now(), gen_random_uuid() || '@a.test', "
        "'', true, false FROM generate_series(1, 2500) RETURNING id) "
        "INSERT INTO members SELECT :organization, id, 'member', now() FROM made"
    )
    async with identity.sessions.begin() as session:
        await session.execute(text(fill), {"organization": UUID(organization.id)})
    mira = await person()
    answer = await organization.add(mira, "member")
    (problem,) = answer.json()["detail"]
    assert (answer.status_code, problem["loc"]) == (422, ["body", "members"])
    assert (await mira.client.get(organization.path)).status_code == 404
