"""Resolution presets over HTTP; the rules that hold everywhere are in the workspace's `tests/rules`."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from atelier.contracts.organizations import Role
from atelier.runtime.auth import Principal

PRESETS = "/api/v1/resolution-presets/"


async def test_a_preset_is_answered_with_every_field(client: Any, preset: Any) -> None:
    answer = await client.post(PRESETS, json=preset())
    assert answer.status_code == 201
    body = answer.json()
    known = {"id", "created_at", "updated_at", "owner_id"}
    assert {key: value for key, value in body.items() if key not in known} == preset() | {
        "organization_id": None,
        "deleted_at": None,
    }
    assert all(body[key] for key in known)
    assert (await client.get(PRESETS + body["id"])).json() == body
    assert (await client.get(PRESETS)).json() == {"data": [body], "count": 1}


@pytest.mark.parametrize("size", [1, 2**31 - 1])
async def test_sizes_are_positive_and_fit(client: Any, preset: Any, size: int) -> None:
    answer = await client.post(PRESETS, json=preset(width=size, height=size))
    assert (answer.status_code, answer.json()["width"]) == (201, size)


@pytest.mark.parametrize("field", ["width", "height"])
@pytest.mark.parametrize("size", [0, -1, 2**31, 2**63, "wide", None, 1.5])
async def test_other_sizes_are_422(client: Any, preset: Any, field: str, size: Any) -> None:
    answer = await client.post(PRESETS, json=preset(**{field: size}))
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", field]


@pytest.mark.parametrize("field", ["name", "width", "height"])
async def test_every_required_field_is_asked_for(client: Any, preset: Any, field: str) -> None:
    body = preset()
    del body[field]
    answer = await client.post(PRESETS, json=body)
    assert [problem["loc"] for problem in answer.json()["detail"]] == [["body", field]]


async def test_only_what_is_sent_changes(client: Any, preset: Any) -> None:
    made = (await client.post(PRESETS, json=preset())).json()
    for change in ({"name": "Square"}, {"height": 1080}, {"width": 540, "height": 540}):
        before = (await client.get(PRESETS + made["id"])).json()
        after = (await client.put(PRESETS + made["id"], json=change)).json()
        assert after == before | change | {"updated_at": after["updated_at"]}


@pytest.mark.parametrize("field", ["name", "width", "height", "owner_id"])
async def test_null_changes_nothing_where_the_answer_has_no_null(
    client: Any, preset: Any, field: str
) -> None:
    made = await client.post(PRESETS, json=preset())
    answer = await client.put(PRESETS + made.json()["id"], json={field: None})
    assert (answer.status_code, answer.json()) == (200, made.json())
    assert answer.headers["etag"] == made.headers["etag"]


async def test_names_may_be_taken_twice(client: Any, preset: Any) -> None:
    for _ in range(2):
        assert (await client.post(PRESETS, json=preset())).status_code == 201


async def test_lists_narrow_to_an_owner_for_oneself_and_for_administrators(
    catalog: Any, client_for: Any, preset: Any
) -> None:
    organization = uuid4()
    one, two = (Principal(user_id=uuid4(), organizations={organization: Role.MEMBER}) for _ in range(2))
    administrator = Principal(user_id=uuid4(), superuser=True)
    for who in (one, two):
        await client_for(catalog, who).post(PRESETS, json=preset(organization_id=str(organization)))
    personal = (await client_for(catalog, two).post(PRESETS, json=preset())).json()
    shared, theirs = {"organization_id": str(organization)}, {"owner_id": str(two.user_id)}

    async def listed(who: Principal, params: dict[str, str]) -> Any:
        return await client_for(catalog, who).get(PRESETS, params=params)

    assert (await listed(one, shared)).json()["count"] == 2
    assert (await listed(two, shared | theirs)).json()["count"] == 1
    assert (await listed(one, shared | theirs)).status_code == 403
    assert (await listed(one, theirs)).status_code == 403
    assert (await listed(administrator, shared | theirs)).json()["count"] == 1
    assert (await listed(administrator, theirs)).json()["data"] == [personal]


async def test_of_two_deletes_at_once_one_finds_nothing(client: Any, preset: Any) -> None:
    made = (await client.post(PRESETS, json=preset())).json()
    answers = await asyncio.gather(*(client.delete(PRESETS + made["id"]) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 404]
