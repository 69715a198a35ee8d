"""Whatever is sent: a documented 4xx that says where, never a 500, and nothing half-written."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

JSON = {"Content-Type": "application/json"}
HUGE = 10**400


def body_with(house: Any, **fields: Any) -> bytes:
    """The example with these fields, as JSON that Python would write (lone surrogates, NaN and all)."""
    return json.dumps(house.entity.body | fields).encode()


async def refused(house: Any, who: Any, content: bytes, headers: dict[str, str] | None = None) -> Any:
    """Create and update with a bad body: both refuse it, the answers of both."""
    made = await house.make(who)
    client, before = house.client(who), await house.row(made["id"])
    answers = [
        await client.post(house.entity.path, content=content, headers=headers or JSON),
        await client.put(house.entity.path + made["id"], content=content, headers=headers or JSON),
    ]
    assert await house.row(made["id"]) == before
    assert len(await house.told(made["id"])) == 1
    assert await house.count(who.user_id) == 1
    return answers


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"1",
        b"\xff\xfe",
        b'{"name": "\xff"}',
        b"[" * 10_000 + b"]" * 10_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        b'{"name": ' + b"[" * 900 + b'"\\u0000"' + b"]" * 900 + b"}",
        b'{"name": NaN}',
        b'{"name": Infinity}',
    ],
    ids=lambda content: repr(content[:24]),
)
async def test_a_body_that_isnt_an_object_of_json_is_422(house: Any, tenants: Any, content: bytes) -> None:
    for answer in await refused(house, tenants["stranger"], content):
        assert answer.status_code == 422, answer.text
        assert all(problem.keys() == {"loc", "msg", "type"} for problem in answer.json()["detail"])


@pytest.mark.parametrize(
    "name",
    ["", "x" * 256, "a\0b", "\ud800", "a\udfffb", 1, True, [], {}, 1.5],
    ids=lambda name: repr(name)[:12],
)
async def test_a_name_that_cant_be_kept_is_422(house: Any, tenants: Any, name: Any) -> None:
    for answer in await refused(house, tenants["stranger"], body_with(house, name=name)):
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"][0] == "body"


@pytest.mark.parametrize("name", ["x" * 255, "é🎬" * 100, "\u202e\u0001", "'; DROP TABLE x; --", " "])
async def test_any_other_text_is_kept_as_it_is(house: Any, tenants: Any, name: str) -> None:
    made = await house.make(tenants["stranger"], name=name)
    read = await house.client(tenants["stranger"]).get(house.entity.path + made["id"])
    assert read.json()["name"] == name
    (told,) = await house.told(made["id"])
    assert told.event.state.name == name


@pytest.mark.parametrize("fields", [{"a\0": 1}, {"unknown": [{"deep": ["a\0"]}]}], ids=["key", "deep"])
async def test_a_nul_in_what_we_dont_know_is_422(house: Any, tenants: Any, fields: dict[str, Any]) -> None:
    for answer in await refused(house, tenants["stranger"], body_with(house, **fields)):
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["type"] == "string_nul"


async def test_an_escaped_backslash_before_u0000_is_no_nul(house: Any, tenants: Any) -> None:
    made = await house.make(tenants["stranger"], name="a\\u0000b")
    assert made["name"] == "a\\u0000b"


@pytest.mark.parametrize("field", ["owner_id", "organization_id"])
@pytest.mark.parametrize("value", ["", "no-id", 1, "0" * 33, [], HUGE], ids=lambda value: repr(value)[:12])
async def test_what_is_no_id_is_422(house: Any, tenants: Any, field: str, value: Any) -> None:
    content = json.dumps(house.entity.body | {field: "HUGE" if value == HUGE else value}).encode()
    content = content.replace(b'"HUGE"', str(HUGE).encode() if value == HUGE else b"")
    for answer in await refused(house, tenants["stranger"], content):
        assert answer.status_code == 422


@pytest.mark.parametrize(
    "value",
    ["0", "-1", "2147483648", "1e999", "1.5", "NaN", str(10**30), "9" * 4500, '"x"', '"1"', "true", "[1]"],
)
async def test_a_number_out_of_range_is_422(numbers: Any, tenants: Any, value: str) -> None:
    example = json.dumps(numbers.entity.body | {numbers.entity.number: "NUMBER"})
    content = example.replace('"NUMBER"', value).encode()
    for answer in await refused(numbers, tenants["stranger"], content):
        assert answer.status_code == 422


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""]
)
async def test_another_media_type_is_415(house: Any, tenants: Any, media_type: str) -> None:
    content = body_with(house)
    for answer in await refused(house, tenants["stranger"], content, {"Content-Type": media_type}):
        assert (answer.status_code, list(answer.json())) == (415, ["detail"])


async def test_json_of_a_kind_of_its_own_is_json(house: Any, tenants: Any) -> None:
    for media_type in ("application/json; charset=utf-8", "Application/JSON", "application/vnd.atelier+json"):
        answer = await house.client(tenants["stranger"]).post(
            house.entity.path, content=body_with(house), headers={"Content-Type": media_type}
        )
        assert answer.status_code == 201, media_type


async def test_a_body_that_is_too_large_is_413(house: Any, tenants: Any) -> None:
    content = body_with(house, name="x" * house.service.settings.max_json_bytes)
    for answer in await refused(house, tenants["stranger"], content):
        assert answer.status_code == 413
        assert isinstance(answer.json()["detail"], str)


async def test_a_body_that_grows_too_large_in_pieces_is_413(house: Any, tenants: Any) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(house.service.settings.max_json_bytes // 1024 + 1):
            yield b" " * 1024

    answer = await house.client(tenants["stranger"]).post(house.entity.path, content=pieces(), headers=JSON)
    assert (answer.status_code, list(answer.json())) == (413, ["detail"])


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("id_", ["1", "null", "%00", "%FF", "..%2F", "x" * 5000, "%F0%9F%8E%AC", "'"])
async def test_a_path_that_names_no_id_is_4xx(house: Any, tenants: Any, method: str, id_: str) -> None:
    method = house.known(method)
    body = house.entity.change if method == "PUT" else None
    answer = await house.client(tenants["stranger"]).request(method, house.entity.path + id_, json=body)
    assert answer.status_code in (404, 422), answer.text
    assert "detail" in answer.json()


@pytest.mark.parametrize("organization", ["1", "%00", "%ff", "null"])
async def test_a_query_that_names_no_organization_is_422(house: Any, tenants: Any, organization: str) -> None:
    client = house.client(tenants["stranger"])
    answer = await client.get(f"{house.entity.path}{uuid4()}?organization_id={organization}")
    assert answer.status_code == 422


async def test_validation_never_echoes_what_was_sent(house: Any, tenants: Any) -> None:
    answer = await house.client(tenants["stranger"]).post(house.entity.path, json={"name": ["secret"]})
    assert answer.status_code == 422
    assert "secret" not in answer.text


async def test_methods_and_paths_that_dont_exist_are_told(house: Any, tenants: Any) -> None:
    client = house.client(tenants["stranger"])
    answer = await client.request("PATCH", house.entity.path, json={})
    assert (answer.status_code, list(answer.json())) == (405, ["detail"])
    answer = await client.get(f"{house.entity.path}{uuid4()}/nothing")
    assert (answer.status_code, list(answer.json())) == (404, ["detail"])


async def test_the_order_of_checks_shows_nothing_of_others(house: Any, tenants: Any) -> None:
    """A bad body for a foreign entity says only what is bad with the body, as it would for an unknown id."""
    made = await house.make(tenants["owner"], tenants.organization)
    client = house.client(tenants["stranger"])
    foreign = await client.put(house.entity.path + made["id"], json={"name": ""})
    unknown = await client.put(f"{house.entity.path}{uuid4()}", json={"name": ""})
    assert (foreign.status_code, foreign.json()) == (unknown.status_code, unknown.json())
