"""What identity tells the gateway and the other services, and nobody else."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from atelier.contracts.organizations import Role
from atelier.runtime.auth import Principal

ORGANIZATIONS = "/api/v1/organizations/"
PRINCIPALS = "/internal/principals/"


@pytest.fixture
def gateway(identity: Any, client_for: Any) -> Any:
    """The gateway, asking for itself."""
    return client_for(identity, Principal.of_service("gateway"))


async def _organization(owner: Any, *members: Any) -> str:
    made = (await owner.client.post(ORGANIZATIONS, json={"name": uuid4().hex})).json()
    for member in members:
        sent = {"user_id": str(member.id), "role": "viewer"}
        await owner.client.post(f"{ORGANIZATIONS}{made['id']}/members", json=sent)
    return str(made["id"])


async def test_a_principal_is_what_a_user_may_do_now(gateway: Any, person: Any) -> None:
    mira, noor = await person(), await person(is_superuser=True)
    mine, theirs = await _organization(mira), await _organization(noor, mira)
    assert (await gateway.get(f"{PRINCIPALS}{mira.id}")).json() == {
        "user_id": str(mira.id),
        "superuser": False,
        "organizations": {mine: "owner", theirs: "viewer"},
        "not_before": None,
        "session_revoked": False,
    }
    assert (await gateway.get(f"{PRINCIPALS}{noor.id}")).json()["superuser"] is True
    await mira.client.delete(f"{ORGANIZATIONS}{theirs}/members/{mira.id}")
    assert (await gateway.get(f"{PRINCIPALS}{mira.id}")).json()["organizations"] == {mine: "owner"}


async def test_unknown_and_inactive_users_have_no_principal(gateway: Any, person: Any) -> None:
    gone = await person(is_active=False)
    for id_ in (gone.id, uuid4()):
        assert (await gateway.get(f"{PRINCIPALS}{id_}")).status_code == 404
    assert (await gateway.get(f"{PRINCIPALS}mira")).status_code == 422


async def test_only_services_ask_for_principals(person: Any, root: Any, nobody: Any) -> None:
    mira = await person()
    for who, status in ((mira.client, 403), (root.client, 403), (nobody, 401)):
        assert (await who.get(f"{PRINCIPALS}{mira.id}")).status_code == status


async def test_users_see_who_shares_an_organization_with_them(
    identity: Any, client_for: Any, gateway: Any, person: Any, root: Any, nobody: Any
) -> None:
    mira, noor, stranger = await person(full_name="Mira"), await person(), await person()
    organization = await _organization(mira, noor)
    ids = {"ids": ",".join(str(one.id) for one in (mira, noor, stranger))}
    member = client_for(identity, Principal(user_id=noor.id, organizations={UUID(organization): Role.VIEWER}))

    async def seen(client: Any) -> set[str]:
        found = (await client.get("/internal/users", params=ids)).json()["data"]
        assert all("password" not in str(one) for one in found)
        return {one["state"]["id"] for one in found}

    everybody = {str(one.id) for one in (mira, noor, stranger)}
    assert await seen(gateway) == everybody
    assert await seen(root.client) == everybody
    assert await seen(member) == {str(mira.id), str(noor.id)}
    assert await seen(stranger.client) == {str(stranger.id)}
    assert (await nobody.get("/internal/users", params=ids)).status_code == 401


async def test_organizations_are_seen_by_their_members(
    identity: Any, client_for: Any, gateway: Any, person: Any, root: Any
) -> None:
    mira, noor = await person(), await person()
    one, other = await _organization(mira, noor), await _organization(noor)
    member = client_for(identity, Principal(user_id=mira.id, organizations={UUID(one): Role.OWNER}))

    async def seen(client: Any) -> dict[str, Any]:
        found = (await client.get("/internal/organizations", params={"ids": f"{one},{other}"})).json()["data"]
        return {item["state"]["id"]: item for item in found}

    assert (await seen(gateway)).keys() == (await seen(root.client)).keys() == {one, other}
    found = await seen(member)
    assert found.keys() == {one}
    assert found[one]["version"] == 2
    assert found[one]["state"]["organization_id"] == one
    roles = {item["user_id"]: item["role"] for item in found[one]["state"]["members"]}
    assert roles == {str(mira.id): "owner", str(noor.id): "viewer"}
    assert await seen(client_for(identity, Principal(user_id=uuid4()))) == {}


async def test_a_page_goes_on_after_an_id(gateway: Any, person: Any) -> None:
    people = [await person() for _ in range(3)]
    page = (await gateway.get("/internal/users", params={"after": str(people[0].id), "limit": 2})).json()
    assert [item["state"]["id"] for item in page["data"]] == [str(one.id) for one in people[1:]]
