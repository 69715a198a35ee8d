"""Invitations, by an address and a token, and the ownership that passes on."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from atelier.runtime.auth import Principal

ORGANIZATIONS, ACCEPT = "/api/v1/organizations/", "/api/v1/invitations/accept"


class Organization:
    """An organization with its owner, and the paths of its parts."""

    def __init__(self, id_: str, owner: Any) -> None:
        self.id, self.owner = id_, owner
        self.path = f"{ORGANIZATIONS}{id_}"
        self.invitations = f"{self.path}/invitations"
        self.transfer = f"{self.path}/transfer-ownership"

    async def add(self, person: Any, role: str) -> Any:
        sent = {"user_id": str(person.id), "role": role}
        assert (await self.owner.client.post(f"{self.path}/members", json=sent)).status_code == 201
        return person

    async def invite(self, email: str, role: str = "member", **headers: str) -> Any:
        return await self.owner.client.post(
            self.invitations, json={"email": email, "role": role}, headers=headers
        )

    async def roles(self) -> dict[str, str]:
        listed = (await self.owner.client.get(f"{self.path}/members")).json()
        return {member["user_id"]: member["role"] for member in listed["data"]}


@pytest.fixture
async def organization(person: Any) -> Organization:
    """A new organization with only its owner in it."""
    owner = await person()
    made = (await owner.client.post(ORGANIZATIONS, json={"name": uuid4().hex})).json()
    return Organization(made["id"], owner)


async def accept(person: Any, token: str) -> Any:
    return await person.client.post(ACCEPT, json={"token": token})


async def test_who_is_invited_becomes_a_member_once(organization: Any, person: Any, events_of: Any) -> None:
    mira = await person(full_name="Mira")
    invited = await organization.invite(mira.email.upper(), "admin")
    assert (invited.status_code, invited.headers["etag"]) == (201, '"2"')
    body = invited.json()
    lasts = datetime.fromisoformat(body["expires_at"]) - datetime.now(UTC)
    assert timedelta(days=6) < lasts < timedelta(days=7)
    listed = (await organization.owner.client.get(organization.invitations)).json()
    assert listed == {"data": [{name: body[name] for name in body if name != "token"}], "count": 1}

    joined = await accept(mira, body["token"])
    assert (joined.status_code, joined.headers["etag"]) == (200, '"3"')
    assert (joined.json()["user_id"], joined.json()["role"]) == (str(mira.id), "admin")
    assert joined.json()["user"] == {"id": str(mira.id), "email": mira.email, "full_name": "Mira"}
    assert (await organization.roles())[str(mira.id)] == "admin"
    assert (await accept(mira, body["token"])).status_code == 422
    assert (await organization.owner.client.get(organization.invitations)).json()["count"] == 0

    told = await events_of(organization.id)
    assert [event.type for event in told] == ["OrganizationCreated", "MemberInvited", "MemberAdded"]
    assert (told[1].body.invitation_id, told[1].body.role) == (UUID(body["id"]), "admin")
    for secret in (body["token"], mira.email):
        assert not any(secret.lower() in str(event).lower() for event in told)


async def test_the_token_is_stored_as_a_digest_and_repeated_without(
    identity: Any, organization: Any, person: Any
) -> None:
    key = uuid4().hex
    first = await organization.invite("mira@example.com", **{"Idempotency-Key": key})
    again = await organization.invite("mira@example.com", **{"Idempotency-Key": key})
    assert again.json() == first.json() | {"token": None}
    token = first.json()["token"].encode()
    async with identity.sessions() as session:
        kept = (await session.execute(text("SELECT body FROM idempotency_keys"))).scalars().all()
        digests = (await session.execute(text("SELECT digest FROM invitations"))).scalars().all()
    assert not any(token in one for one in (*kept, *digests))
    assert {len(digest) for digest in digests} == {32}


async def test_all_that_is_no_invitation_of_ones_own_is_refused_alike(
    identity: Any, organization: Any, person: Any
) -> None:
    mira, noor = await person(), await person()
    expired = (await organization.invite(mira.email)).json()
    async with identity.sessions.begin() as session:
        past = text("UPDATE invitations SET expires_at = now() WHERE id = :id")
        await session.execute(past, {"id": expired["id"]})
    assert (await organization.owner.client.get(organization.invitations)).json()["count"] == 0
    theirs = (await organization.invite(noor.email)).json()
    revoked = (await organization.invite((await person()).email)).json()
    gone = await organization.owner.client.delete(f"{organization.invitations}/{revoked['id']}")
    assert gone.status_code == 200
    tokens = ["ati_unknown", expired["token"], theirs["token"], revoked["token"], "x"]
    answers = [await accept(mira, token) for token in tokens]
    assert {answer.status_code for answer in answers} == {422}
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].json()["detail"][0]["loc"] == ["body", "token"]
    assert (await accept(noor, theirs["token"])).status_code == 200


async def test_a_new_invitation_replaces_that_of_the_same_address(organization: Any, person: Any) -> None:
    mira = await person()
    first = (await organization.invite(mira.email, "viewer")).json()
    second = (await organization.invite(mira.email.upper(), "member")).json()
    assert (await organization.owner.client.get(organization.invitations)).json()["count"] == 1
    assert (await accept(mira, first["token"])).status_code == 422
    assert (await accept(mira, second["token"])).json()["role"] == "member"


async def test_of_two_who_accept_at_once_one_does(organization: Any, person: Any) -> None:
    mira = await person()
    token = (await organization.invite(mira.email)).json()["token"]
    answers = await asyncio.gather(*[accept(mira, token) for _ in range(4)])
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422]


async def test_a_member_is_not_invited_and_stays_what_they_are(organization: Any, person: Any) -> None:
    mira = await person()
    token = (await organization.invite(mira.email, "viewer")).json()["token"]
    await organization.add(mira, "admin")
    assert (await organization.invite(mira.email)).status_code == 409
    assert (await accept(mira, token)).status_code == 409
    assert (await organization.roles())[str(mira.id)] == "admin"


async def test_admins_and_the_owner_invite_and_nobody_else(
    organization: Any, person: Any, root: Any, nobody: Any
) -> None:
    admin = await organization.add(await person(), "admin")
    member, viewer = [await organization.add(await person(), role) for role in ("member", "viewer")]
    stranger = await person()
    made = (await organization.invite("somebody@example.com")).json()
    one = f"{organization.invitations}/{made['id']}"
    body = {"email": "mira@example.com", "role": "viewer"}
    for who, status in ((member, 403), (viewer, 403), (stranger, 404)):
        assert (await who.client.post(organization.invitations, json=body)).status_code == status
        assert (await who.client.get(organization.invitations)).status_code == status
        assert (await who.client.delete(one)).status_code == status
    for method, path in (
        ("POST", organization.invitations),
        ("GET", organization.invitations),
        ("DELETE", one),
    ):
        assert (await nobody.request(method, path, json=body)).status_code == 401
    assert (await nobody.post(ACCEPT, json={"token": made["token"]})).status_code == 401
    for who in (admin, root):
        assert (await who.client.post(organization.invitations, json=body)).status_code == 201
        assert (await who.client.get(organization.invitations)).json()["count"] == 2
    assert (await admin.client.delete(one)).status_code == 200
    assert (await admin.client.delete(one)).status_code == 404


async def test_an_invitation_of_another_organization_is_not_found(organization: Any, person: Any) -> None:
    other = await person()
    theirs = (await other.client.post(ORGANIZATIONS, json={"name": uuid4().hex})).json()["id"]
    made = (await organization.invite("mira@example.com")).json()
    path = f"{ORGANIZATIONS}{theirs}/invitations/{made['id']}"
    assert (await other.client.delete(path)).status_code == 404
    assert (await organization.owner.client.get(organization.invitations)).json()["count"] == 1


async def test_a_revoked_invitation_is_told(organization: Any, events_of: Any) -> None:
    made = (await organization.invite("mira@example.com")).json()
    path = f"{organization.invitations}/{made['id']}"
    assert (await organization.owner.client.delete(path, headers={"If-Match": '"1"'})).status_code == 412
    assert (await organization.owner.client.delete(path, headers={"If-Match": '"2"'})).status_code == 200
    told = (await events_of(organization.id))[-1]
    assert (told.type, told.version, told.body.invitation_id) == ("InvitationRevoked", 3, UUID(made["id"]))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "no address", "role": "viewer"}, "email"),
        ({"email": "mira@example.com", "role": "owner"}, "role"),
        ({"email": "mira@example.com"}, "role"),
        ({"role": "viewer"}, "email"),
    ],
)
async def test_half_an_invitation_is_422(organization: Any, body: dict[str, str], field: str) -> None:
    answer = await organization.owner.client.post(organization.invitations, json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", field]


async def test_a_stale_invitation_is_412(organization: Any) -> None:
    assert (await organization.invite("mira@example.com", **{"If-Match": '"9"'})).status_code == 412


async def test_a_key_for_one_organization_joins_no_other(
    identity: Any, client_for: Any, organization: Any, person: Any
) -> None:
    mira = await person()
    token = (await organization.invite(mira.email)).json()["token"]
    robot = client_for(identity, Principal(mira.id, api_key_id=uuid4(), confined_to=uuid4()))
    assert (await robot.post(ACCEPT, json={"token": token})).status_code == 403


async def test_a_deleted_organization_takes_its_invitations_along(organization: Any, person: Any) -> None:
    mira = await person()
    token = (await organization.invite(mira.email)).json()["token"]
    assert (await organization.owner.client.delete(organization.path)).status_code == 200
    assert (await accept(mira, token)).status_code == 422


# Ownership


async def hand_over(who: Any, organization: Any, heir: Any, **headers: str) -> Any:
    return await who.client.post(organization.transfer, json={"user_id": str(heir.id)}, headers=headers)


async def test_the_ownership_passes_on_and_the_old_owner_is_an_admin(
    organization: Any, person: Any, events_of: Any
) -> None:
    mira = await organization.add(await person(), "viewer")
    answer = await hand_over(organization.owner, organization, mira)
    assert (answer.status_code, answer.headers["etag"]) == (200, '"3"')
    assert (answer.json()["owner_id"], answer.json()["role"]) == (str(mira.id), "admin")
    assert await organization.roles() == {str(organization.owner.id): "admin", str(mira.id): "owner"}
    told = (await events_of(organization.id))[-1]
    assert (told.type, told.body.previous_owner_id) == ("OwnershipTransferred", organization.owner.id)
    assert told.body.state.owner_id == mira.id
    assert {member.user_id: member.role for member in told.body.state.members} == {
        organization.owner.id: "admin",
        mira.id: "owner",
    }
    assert (await hand_over(organization.owner, organization, organization.owner)).status_code == 403
    assert (await hand_over(mira, organization, organization.owner)).status_code == 200


async def test_to_the_owner_is_no_change(organization: Any, events_of: Any) -> None:
    answer = await hand_over(organization.owner, organization, organization.owner)
    assert (answer.status_code, answer.headers["etag"], answer.json()["role"]) == (200, '"1"', "owner")
    assert len(await events_of(organization.id)) == 1


async def test_only_an_active_member_becomes_the_owner(organization: Any, person: Any, root: Any) -> None:
    stranger, gone = await person(), await organization.add(await person(), "admin")
    assert (await root.client.delete(f"/api/v1/users/{gone.id}")).status_code == 200
    answers = [await hand_over(organization.owner, organization, heir) for heir in (stranger, gone)]
    unknown = await organization.owner.client.post(organization.transfer, json={"user_id": str(uuid4())})
    for answer in answers:
        assert (answer.status_code, answer.text) == (422, unknown.text)


async def test_only_the_owner_and_superusers_pass_it_on(
    organization: Any, person: Any, root: Any, nobody: Any
) -> None:
    admin = await organization.add(await person(), "admin")
    member, stranger = await organization.add(await person(), "member"), await person()
    for who, status in ((admin, 403), (member, 403), (stranger, 404)):
        assert (await hand_over(who, organization, admin)).status_code == status
    assert (await nobody.post(organization.transfer, json={"user_id": str(admin.id)})).status_code == 401
    stale = await hand_over(organization.owner, organization, admin, **{"If-Match": '"1"'})
    assert stale.status_code == 412
    answer = await hand_over(root, organization, admin)
    assert (answer.status_code, answer.json()["role"]) == (200, None)


async def test_of_two_transfers_at_once_one_holds_and_there_is_one_owner(
    organization: Any, person: Any
) -> None:
    heirs = [await organization.add(await person(), "member") for _ in range(2)]
    answers = await asyncio.gather(*[hand_over(organization.owner, organization, heir) for heir in heirs])
    assert sorted(answer.status_code for answer in answers) == [200, 403]
    assert list((await organization.roles()).values()).count("owner") == 1
