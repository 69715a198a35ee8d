"""Bodies, fields, addresses, paths and guesses that mean harm, at every operation that takes such a thing."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from media_corpora import hostile_urls, other_paths

from atelier.contracts.organizations import Role
from house.belongings import BACKGROUNDS, PRODUCTS, SHOTS, SUBJECTS, Belongings, picture
from house.documented import BY_NAME, DOCUMENT, OPERATIONS, Operation
from house.front_door import LOGIN, SHOOTINGS, USERS, House, Person, make_tenant, refused
from house.operations import TABLE, Ask

JSON = {"Content-Type": "application/json"}
ADMINISTRATORS = ("owner_id", "is_superuser")
"""Fields that only superusers set."""


def _body(operation: Operation) -> Mapping[str, Any]:
    """The schema of its JSON body, empty where it takes none."""
    content = operation.document.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    schema = schema.get("anyOf", [schema])[0]
    name = schema.get("$ref", "").rpartition("/")[2]
    return DOCUMENT["components"]["schemas"].get(name, schema)  # type: ignore[no-any-return]


WITH_BODY = [one for one in OPERATIONS if _body(one)]
FORBIDDEN = [one for one in WITH_BODY if set(ADMINISTRATORS) & _body(one)["properties"].keys()]
LISTS = [one for one in OPERATIONS if {"limit"} & {p["name"] for p in one.document.get("parameters", ())}]
REPEATED = [
    one
    for one in WITH_BODY
    if one.method == "POST" and one.access["who"] != "anybody" and one.name != "accept_invitation"
]


def each(operations: list[Operation]) -> Any:
    """One test for each."""
    return pytest.mark.parametrize("operation", operations, ids=lambda one: one.name)


@pytest.fixture(scope="module")
async def things(house: House, root: Person) -> Belongings:
    """What an organization has, to be attacked."""
    return Belongings(house, await make_tenant(house, root, "Target"), root)


async def _ask(things: Belongings, operation: Operation) -> tuple[Person, Ask]:
    """At things that are kept, by who may."""
    superusers = operation.access["who"] == "superuser"
    person = things.superuser if superusers else things.owner
    return person, await TABLE[operation.name](things, person, False)


# Bodies

BODIES = {
    "half": b'{"name": ',
    "a list": b"[1]",
    "NUL": b'{"unknown": {"deep": ["\\u0000"]}}',
    "a lone surrogate": b'{"unknown": "\\ud800"}',
    "not UTF-8": b'{"name": "\xff"}',
    "a deep list": b"[" * 10_000 + b"]" * 10_000,
    "a deep object": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "NaN": b'{"name": NaN}',
    "a number without an end": b'{"name": 1' + b"0" * 4_000 + b"}",
}


@each(WITH_BODY)
async def test_a_body_that_cant_be_kept_is_422(things: Belongings, operation: Operation) -> None:
    person, ask = await _ask(things, operation)
    for content in BODIES.values():
        refused(await _send(operation, person.http, ask, content), 422)
    for media_type in ("text/plain", "multipart/form-data; boundary=x", ""):
        content = json.dumps(ask.body).encode()
        answer = await _send(operation, person.http, ask, content, {"Content-Type": media_type})
        refused(answer, 415)


async def _send(
    operation: Operation,
    client: httpx.AsyncClient,
    ask: Ask,
    content: bytes,
    headers: Mapping[str, str] = JSON,
) -> httpx.Response:
    path = operation.path(ask)
    return await client.request(
        operation.method, path, params=dict(ask.query), content=content, headers=dict(headers)
    )


@each(WITH_BODY)
async def test_a_value_that_cant_be_kept_is_422_in_every_field(
    things: Belongings, operation: Operation
) -> None:
    person, ask = await _ask(things, operation)
    missed = []
    for name in _body(operation)["properties"]:
        for value in ('"\\udfff"', "1" + "0" * 400, '{"a": {"b": ["c\\u0000"]}}'):
            whole = json.dumps({**(ask.body or {}), name: "HOSTILE"}).replace('"HOSTILE"', value)
            answer = await _send(operation, person.http, ask, whole.encode())
            if answer.status_code != 422:
                missed.append((name, value[:20], answer.status_code, answer.text[:200]))
    assert missed == []


@each(WITH_BODY)
async def test_a_body_of_a_gigabyte_is_413_before_it_is_read(
    house: House, things: Belongings, operation: Operation
) -> None:
    person, ask = await _ask(things, operation)
    head = (
        f"{operation.method} {operation.path(ask)} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n"
        f"Content-Type: application/json\r\nAuthorization: Bearer {person.token}\r\n\r\n"
    )
    status, _ = await raw(house, head.encode())
    assert status == 413


@each(LISTS)
async def test_a_page_without_an_end_is_422(things: Belongings, operation: Operation) -> None:
    person, ask = await _ask(things, operation)
    for limit in ("1000000000", "9" * 30, "-1", "1e3", "NaN", "\0", ""):
        query = httpx.QueryParams({**ask.query, "limit": limit})
        refused(await person.http.get(operation.path(ask), params=query), 422)


async def raw(house: House, request: bytes) -> tuple[int, dict[str, str]]:
    """Status and headers of the answer to bytes that no client would send."""
    reader, writer = await asyncio.open_connection("127.0.0.1", house.stack.gateway_port)
    try:
        writer.write(request)
        async with asyncio.timeout(20):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    finally:
        writer.close()
        await writer.wait_closed()
    line, *fields = head.strip().split("\r\n")
    return int(line.split()[1]), {
        name.lower(): value for name, _, value in (f.partition(": ") for f in fields)
    }


# Fields


@each(FORBIDDEN)
async def test_a_field_that_only_administrators_set_is_403_and_nothing_changes(
    things: Belongings, operation: Operation
) -> None:
    owner, ask = things.owner, await TABLE[operation.name](things, things.owner, False)
    before = await _kept(things)
    for name in set(ADMINISTRATORS) & _body(operation)["properties"].keys():
        value = True if name == "is_superuser" else things.tenant[Role.ADMIN].id
        content = json.dumps({**(ask.body or {}), name: value}).encode()
        refused(await _send(operation, owner.http, ask, content), 403)
    assert await _kept(things) == before


async def _kept(things: Belongings) -> list[str]:
    """Everything that the organization and its owner have, as lists show it."""
    texts = [(await things.owner.http.get(f"{USERS}me")).text]
    for operation in LISTS:
        if operation.access["who"] != "superuser" and "{" not in operation.template:
            ask = Ask(query={"organization_id": things.tenant.id})
            texts.append((await operation.ask(things.owner.http, ask)).text)
    for kind, path in (("product", PRODUCTS), ("subject", SUBJECTS)):
        texts.append((await things.owner.http.get(path + (await things.a(kind))["id"])).text)
    return texts


async def test_what_only_the_house_sets_is_not_taken_from_a_body(things: Belongings) -> None:
    theirs = {
        "id": str(uuid4()),
        "version": 99,
        "created_at": "2001-01-01T00:00:00Z",
        "deleted_at": "2001-01-01T00:00:00Z",
        "is_superuser": True,
        "role": "owner",
        "shot_status": "APPROVED",
        "superuser": True,
    }
    made = await things.owner.http.post(PRODUCTS, json=theirs | {"name": "Mine", "cover_image": picture(7)})
    assert made.status_code == 201, made.text
    body = made.json()
    assert body["id"] != theirs["id"]
    assert body["created_at"] > "2020"
    assert body["shot_status"] != "APPROVED"
    assert made.headers["ETag"] == '"1"'
    me = await things.owner.http.patch(f"{USERS}me", json={"role": "owner", "superuser": True, "id": "x"})
    assert me.json()["is_superuser"] is False


@each(REPEATED)
async def test_a_key_means_one_request_and_one_effect(things: Belongings, operation: Operation) -> None:
    person = things.superuser if operation.access["who"] == "superuser" else things.owner
    ask = await TABLE[operation.name](things, person, True)
    key = {"Idempotency-Key": str(uuid4())}
    first = await operation.ask(person.http, ask, **key)
    assert first.status_code < 300, first.text
    again = await operation.ask(person.http, ask, **key)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.status_code == first.status_code
    shown_once = {name for name, value in again.json().items() if value is None}
    assert {name: value for name, value in first.json().items() if name not in shown_once} == {
        name: value for name, value in again.json().items() if name not in shown_once
    }
    another = json.dumps({**(ask.body or {}), "other": 1}).encode()
    refused(await _send(operation, person.http, ask, another, {**JSON, **key}), 422)


# Addresses


class Ears:
    """A server that nobody has any business with: it notes who calls."""

    def __init__(self) -> None:
        self.calls = 0
        self.port = 0

    async def open(self) -> asyncio.Server:
        """Listen on every address of this machine's loopback."""
        server = await asyncio.start_server(self._heard, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _heard(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.calls += 1
        writer.close()

    def urls(self) -> list[str]:
        """Ways to say where it listens."""
        hosts = (
            "127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "0", "0.0.0.0",
            "[::ffff:127.0.0.1]", "[::1]", "127.0.0.1.", "user@127.0.0.1",
        )  # fmt: skip
        return [f"http://{host}:{self.port}/a.png" for host in hosts]


@pytest.fixture
async def ears() -> AsyncIterator[Ears]:
    """Somebody who listens."""
    made = Ears()
    async with await made.open():
        yield made


async def _with_picture(things: Belongings, url: str) -> list[tuple[str, str, Any]]:
    """Every place of every body that takes the address of a picture."""
    image: Any
    found: list[tuple[str, str, Any]] = []
    product, subject = await things.a("product"), await things.a("subject")
    shirt = {"name": "Shirt", "cover_image": picture(3)}
    anna = {"name": "Anna", "age_class": "adult", "cover_image": picture(4)}
    front = await things.front()
    for image in (url, {"url": url}):
        found += [
            ("POST", PRODUCTS, shirt | {"cover_image": image}),
            ("POST", PRODUCTS, shirt | {"back_image": image}),
            ("POST", PRODUCTS, shirt | {"reference_images": [image]}),
            ("PUT", PRODUCTS + product["id"], {"cover_image": image}),
            ("PATCH", PRODUCTS + product["id"], {"back_image": image}),
            ("POST", SUBJECTS, anna | {"cover_image": image}),
            ("POST", SUBJECTS, anna | {"portrait_image": image}),
            ("PUT", SUBJECTS + subject["id"], {"portrait_image": image}),
        ]
    wall = {"name": "Wall", "framings": [{"framing": None, "image": url}]}
    base = {"shot_type_id": front, "image_url": url}
    upload = {"source_type": "UPLOAD", "image_data": url}
    shot, shooting = await things.a("shot"), await things.a("shooting")
    looks = await things.look_body()
    outfit = {"product_id": looks.pop("product_ids")[0], "outfit_product_ids": [], "width": 64, "height": 64}
    looks["product_outfit_configs"] = [outfit | {"outfit_ref_imgs_urls": [url]}]
    return [
        *found,
        ("POST", PRODUCTS, shirt | {"data_images": [url]}),
        ("POST", SUBJECTS, anna | {"base_images": [base]}),
        ("POST", SUBJECTS, anna | {"portfolio_images": [{"url": url}]}),
        ("POST", f"{SUBJECTS}{subject['id']}/base_images", base),
        ("POST", BACKGROUNDS, wall),
        ("POST", f"{SHOTS}{shot['id']}/revision", {"shot_status": "REVIEW", "images": [upload]}),
        ("POST", f"{SHOOTINGS}{shooting['id']}/looks", looks),
    ]


async def test_no_place_of_a_body_makes_us_ask_where_we_shouldnt(things: Belongings, ears: Ears) -> None:
    for url in ears.urls()[:2]:
        for method, path, body in await _with_picture(things, url):
            answer = await things.owner.http.request(method, path, json=body)
            assert answer.status_code == 422, f"{method} {path} {list(body)}: {answer.text[:300]}"
            refused(answer, 422)
    assert ears.calls == 0


async def test_no_spelling_of_an_address_makes_us_ask_where_we_shouldnt(
    things: Belongings, ears: Ears
) -> None:
    urls = [*hostile_urls(), *ears.urls()]
    assert len(urls) >= 200
    shirt = {"name": "Shirt", "cover_image": picture(5)}
    missed = []
    for start in range(0, len(urls), 100):
        part = urls[start : start + 100]
        answer = await things.owner.http.post(PRODUCTS, json=shirt | {"reference_images": part})
        refused(answer, 422)
        told = {problem["loc"][2] for problem in answer.json()["detail"]}
        missed += [url for index, url in enumerate(part) if index not in told]
    assert missed == []
    assert ears.calls == 0


async def test_inline_pictures_are_held_to_their_size_and_alphabet(things: Belongings) -> None:
    shirt = {"name": "Shirt"}
    for source in ("data:image/png;base64,****", "data:image/png;base64,", "A" * 41, "iVBORw0KGgo=\0"):
        refused(await things.owner.http.post(PRODUCTS, json=shirt | {"cover_image": source}), 422)
    large = base64.b64encode(bytes(11 * 1024 * 1024)).decode()
    refused(await things.owner.http.post(PRODUCTS, json=shirt | {"cover_image": large}), 413)


# Paths


async def test_no_path_leads_out_of_the_files(house: House, things: Belongings) -> None:
    """As they are, without a client that tidies them up first."""
    url = urlsplit((await things.a("product"))["cover_image_url"])
    key = url.path[url.path.index("media/") :]
    made = other_paths(key)
    assert len(made) >= 200
    allowed = f"{url.scheme}://{url.netloc}{url.path}"
    wrong = {}
    for path in made:
        request = (
            f"GET /files/{path} HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\n\r\n"
        )
        status, headers = await raw(house, request.encode())
        same = status == 302 and headers.get("location") == allowed
        if not (same or status in (404, 422)) or "set-cookie" in headers:
            wrong[path] = (status, headers)
    assert wrong == {}


# Guesses


async def test_who_guesses_waits_and_learns_nothing(house: House, root: Person) -> None:
    """The account that is there and the one that isn't wait alike; somebody else doesn't."""
    somebody, other = await house.person(root), await house.person(root)
    nobody = house.client()

    async def guesses(name: str) -> list[tuple[int, str, str | None]]:
        answers = [await nobody.post(LOGIN, data={"username": name, "password": "guess"}) for _ in range(7)]
        return [(one.status_code, one.text, one.headers.get("Retry-After")) for one in answers]

    known, unknown = await guesses(somebody.email), await guesses(f"{uuid4()}@example.com")
    assert [one[:2] for one in known] == [one[:2] for one in unknown]
    assert {status for status, *_ in known} == {401, 429}
    assert all(int(wait or 0) >= 1 for status, _, wait in known if status == 429)
    assert (await somebody.http.get(f"{USERS}me")).status_code == 200
    assert (await other.http.get(f"{USERS}me")).status_code == 200


def test_the_operations_that_are_attacked_are_those_that_are_there() -> None:
    """No list above is empty by a change of the document."""
    assert len(WITH_BODY) > 25
    assert len(REPEATED) > 12
    assert {"create_product", "update_me", "create_shooting"} <= {one.name for one in FORBIDDEN} | {
        "update_me"
    }
    assert {"list_shootings", "list_shots", "list_users"} <= {one.name for one in LISTS}
    assert BY_NAME["create_product"] in WITH_BODY
