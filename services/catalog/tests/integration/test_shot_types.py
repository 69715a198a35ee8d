"""Shot types over HTTP, and how the standard ones come to be."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, text

from atelier.catalog.bootstrap import declare
from atelier.catalog.first_start import first_start
from atelier.catalog.settings import Settings
from atelier.catalog.shot_types.models import ShotType
from atelier.catalog.shot_types.standard import STANDARD
from atelier.contracts.enums import DefaultShotTypes
from atelier.contracts.organizations import Role
from atelier.contracts.shot_types import ShotTypeCreated
from atelier.runtime.auth import Principal
from atelier.runtime.tables import OutboxRow

SHOT_TYPES = "/api/v1/shot-types/"
ALL = {"include_public": True}


async def make(catalog: Any, **fields: Any) -> str:
    """A shot type of somebody's own; there is no operation for that yet."""
    now = catalog.units.clock.now()
    values = {
        "id": uuid4(),
        "version": 1,
        "created_at": now,
        "updated_at": now,
        "name": "front_hem",
        "view_angle": "front",
        "framing": "detail",
        "public": False,
        "core_focus": False,
    }
    async with catalog.sessions.begin() as session:
        made = ShotType(**values | fields)
        session.add(made)
    return str(made.id)


async def test_the_standard_ones_are_there_with_fixed_ids_and_an_event_each(
    catalog: Any, client: Any, shot_types: Any, told: Any
) -> None:
    assert shot_types == {standard.name: str(standard.id) for standard in STANDARD}
    assert shot_types["front_full_body"] == "3c367722-6aa6-5cc5-873f-b02371a18f58"
    for id_ in shot_types.values():
        (event,) = await told(id_)
        assert isinstance(event, ShotTypeCreated)
        assert (event.state.owner_id, event.state.organization_id, event.state.public) == (None, None, True)


async def test_a_standard_one_is_answered_with_every_field(client: Any, shot_types: Any) -> None:
    answer = await client.get(SHOT_TYPES + shot_types["back_upper_body"])
    assert (answer.status_code, answer.headers["etag"]) == (200, '"1"')
    body = answer.json()
    assert body.pop("created_at") == body.pop("updated_at")
    assert all(body.pop(name) for name in ("prompt", "shot_type_prompt_instruction"))
    assert body == {
        "id": shot_types["back_upper_body"],
        "name": "back_upper_body",
        "view_angle": "back",
        "framing": "upper_body",
        "file_naming_convention": "{product_sku}_back_upper_body",
        "prompt_builder_section": None,
        "core_focus": False,
        "default_shot_type": "back_upper_body",
        "margins": None,
        "public": True,
        "owner_id": None,
        "organization_id": None,
        "deleted_at": None,
        "reference_image": None,
        "reference_image_url": None,
        "shot_type_ref_image_url": None,
    }


async def test_only_views_of_the_product_itself_have_it_in_focus(client: Any, shot_types: Any) -> None:
    listed = (await client.get(SHOT_TYPES, params=ALL)).json()["data"]
    assert {one["name"] for one in listed if one["core_focus"]} == {"front_close_up", "front_detail"}


async def test_starting_again_makes_nothing_and_changes_nothing(
    catalog: Any, client: Any, shot_types: Any, told: Any
) -> None:
    async with catalog.sessions.begin() as session:
        await session.execute(text("UPDATE shot_types SET prompt = 'Mine' WHERE name = 'front_detail'"))
    await first_start(catalog.units)
    assert (await client.get(SHOT_TYPES + shot_types["front_detail"])).json()["prompt"] == "Mine"
    assert len(await told(shot_types["front_detail"])) == 1


async def test_processes_that_start_at_once_make_them_once(make_service: Any) -> None:
    first = await make_service(declare, Settings)
    url = first.settings.database_url
    processes = [first, *[await make_service(declare, Settings, database_url=url) for _ in range(3)]]
    await asyncio.gather(*(first_start(process.units) for process in processes))
    async with first.sessions() as session:
        for row in (ShotType, OutboxRow):
            count = (await session.execute(select(func.count()).select_from(row))).scalar_one()
            assert count == len(DefaultShotTypes)


async def test_a_missing_one_is_made_at_the_next_start(make_service: Any) -> None:
    catalog = await make_service(declare, Settings)
    await first_start(catalog.units)
    async with catalog.sessions.begin() as session:
        await session.execute(text("DELETE FROM shot_types WHERE name = 'front_detail'"))
        await session.execute(text("DELETE FROM outbox"))
    await first_start(catalog.units)
    async with catalog.sessions() as session:
        assert (await session.execute(select(func.count()).select_from(OutboxRow))).scalar_one() == 1


async def test_lists_show_ones_own_and_the_public_ones_only_where_they_are_asked_for(
    catalog: Any, client_for: Any, shot_types: Any
) -> None:
    me, other = uuid4(), uuid4()
    mine = await make(catalog, owner_id=me)
    theirs = await make(catalog, owner_id=other, public=True)
    await make(catalog, owner_id=other)

    async def listed(**params: Any) -> tuple[set[str], int]:
        answer = await client_for(catalog, Principal(user_id=me)).get(SHOT_TYPES, params=params)
        assert answer.status_code == 200, answer.text
        return {one["id"] for one in answer.json()["data"]}, answer.json()["count"]

    public = set(shot_types.values()) | {theirs}
    assert await listed() == ({mine}, 1)
    assert await listed(include_public=False) == ({mine}, 1)
    assert await listed(include_public=True) == (public | {mine}, len(public) + 1)
    assert await listed(public=True) == (public, len(public))
    assert await listed(include_public=True, public=False) == ({mine}, 1)
    assert await listed(owner_id=str(me)) == (public | {mine}, len(public) + 1)
    assert (await listed(include_public=True, limit=3))[1] == len(public) + 1
    await _forget(catalog, theirs)


async def _forget(catalog: Any, *ids: str) -> None:
    async with catalog.sessions.begin() as session:
        for id_ in ids:
            await session.execute(text("DELETE FROM shot_types WHERE id = :id"), {"id": UUID(id_)})


async def test_lists_narrow_by_angle_framing_and_a_part_of_the_name(client: Any, shot_types: Any) -> None:
    async def names(**params: Any) -> set[str]:
        answer = await client.get(SHOT_TYPES, params=ALL | params)
        return {one["name"] for one in answer.json()["data"]}

    assert await names(view_angle="left") == {"left_full_body"}
    assert await names(framing="upper_body") == {"front_upper_body", "back_upper_body"}
    assert await names(search="FULL_b", view_angle="front") == {"front_full_body"}
    assert await names(search="%") == set()
    for wrong in (
        {"view_angle": "inside"},
        {"framing": "all"},
        {"include_public": "maybe"},
        {"search": "\0"},
    ):
        assert (await client.get(SHOT_TYPES, params=wrong)).status_code == 422


async def test_lists_of_others_are_403_but_for_administrators(
    catalog: Any, client: Any, administrator: Any, shot_types: Any
) -> None:
    owner = uuid4()
    theirs = await make(catalog, owner_id=owner)
    params = {"owner_id": str(owner)}
    assert (await client.get(SHOT_TYPES, params=params)).status_code == 403
    assert (await client.get(SHOT_TYPES, params={"organization_id": str(uuid4())})).status_code == 403
    listed = (await administrator.get(SHOT_TYPES, params=params)).json()
    assert {one["id"] for one in listed["data"]} == {theirs, *shot_types.values()}


async def test_a_name_means_the_organizations_or_ones_own_before_a_public_one(
    catalog: Any, client: Any, organization: Any, shot_types: Any
) -> None:
    shared = await make(catalog, name="front_detail", owner_id=uuid4(), organization_id=organization.id)
    personal = await make(catalog, name="front_detail", owner_id=organization.users[Role.MEMBER])
    member, url = organization[Role.MEMBER], f"{SHOT_TYPES}name/front_detail"
    within = {"organization_id": str(organization.id)}
    assert (await member.get(url, params=within)).json()["id"] == shared
    assert (await member.get(url)).json()["id"] == personal
    found = await client.get(url)
    assert (found.json()["id"], found.headers["etag"]) == (shot_types["front_detail"], '"1"')
    assert (await client.get(url, params=within)).status_code == 403


@pytest.mark.parametrize("name", ["nothing", "Front_detail", "%25", "x" * 255, "'"])
async def test_an_unknown_name_is_404(client: Any, name: str) -> None:
    assert (await client.get(f"{SHOT_TYPES}name/{name}")).status_code == 404


@pytest.mark.parametrize("name", ["x" * 256, "%00"])
async def test_what_is_no_name_is_422(client: Any, name: str) -> None:
    assert (await client.get(f"{SHOT_TYPES}name/{name}")).status_code == 422


async def test_anothers_is_404_as_if_it_didnt_exist(catalog: Any, client: Any, organization: Any) -> None:
    theirs = await make(catalog, name="secret", owner_id=uuid4(), organization_id=organization.id)
    unknown = await client.get(f"{SHOT_TYPES}{uuid4()}")
    for answer in (await client.get(SHOT_TYPES + theirs), await client.get(f"{SHOT_TYPES}name/secret")):
        assert (
            (answer.status_code, answer.json())
            == (unknown.status_code, unknown.json())
            == (404, answer.json())
        )
    assert (await organization[Role.VIEWER].get(SHOT_TYPES + theirs)).status_code == 200


async def test_a_named_organization_must_be_its_own(client: Any, organization: Any, shot_types: Any) -> None:
    url, within = SHOT_TYPES + shot_types["front_detail"], {"organization_id": str(organization.id)}
    assert (await organization[Role.VIEWER].get(url, params=within)).status_code == 404
    assert (await client.get(url, params=within)).status_code == 403


async def test_a_deleted_one_is_gone_by_id_by_name_and_from_lists(catalog: Any, client_for: Any) -> None:
    owner = uuid4()
    gone = await make(catalog, name="old", owner_id=owner, deleted_at=catalog.units.clock.now())
    client = client_for(catalog, Principal(user_id=owner))
    assert (await client.get(SHOT_TYPES + gone)).status_code == 404
    assert (await client.get(f"{SHOT_TYPES}name/old")).status_code == 404
    assert (await client.get(SHOT_TYPES)).json() == {"data": [], "count": 0}


async def test_without_a_login_nothing_is_told(catalog: Any, client_for: Any, shot_types: Any) -> None:
    nobody = client_for(catalog, Principal.anonymous())
    for path in ("", shot_types["front_detail"], "name/front_detail"):
        assert (await nobody.get(SHOT_TYPES + path)).status_code == 401


async def test_other_services_read_public_ones_for_anybody(
    catalog: Any, client: Any, shot_types: Any
) -> None:
    secret = await make(catalog, owner_id=uuid4())
    answer = await client.get(
        "/internal/shot-types", params={"ids": f"{shot_types['front_detail']},{secret}"}
    )
    assert [one["state"]["name"] for one in answer.json()["data"]] == ["front_detail"]
