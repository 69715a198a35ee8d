"""Pages, versions, the newest of many, and the identity of a request."""

from __future__ import annotations

import random
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI, Response
from httpx import ASGITransport, AsyncClient
from newsroom import issue
from starlette.requests import Request

from atelier.runtime.errors import InvalidError, StaleVersionError
from atelier.runtime.http.errors import install_error_handlers
from atelier.runtime.http.idempotency import IdempotentRequest
from atelier.runtime.http.pages import Page, Paged
from atelier.runtime.http.versions import Expected, etag, tag
from atelier.runtime.replicas import Versioned, newest


def _paging() -> AsyncClient:
    app = FastAPI()
    install_error_handlers(app)

    @app.get("/")
    async def show(page: Paged) -> Page:
        return page

    return AsyncClient(transport=ASGITransport(app), base_url="http://pages")


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("", (0, 100)),
        ("skip=5&limit=1000", (5, 1000)),
        ("page=1", (0, 20)),
        ("page=3&size=10", (20, 10)),
        ("size=100", (0, 100)),
    ],
)
async def test_a_page_is_asked_for_in_either_way(query: str, page: tuple[int, int]) -> None:
    async with _paging() as client:
        answer = (await client.get(f"/?{query}")).json()
    assert (answer["skip"], answer["limit"]) == page


@pytest.mark.parametrize(
    "query",
    ["skip=-1", "limit=0", "limit=1001", "page=0", "size=101", "skip=1&page=1", "limit=5&size=5", "skip=1e9",
     f"skip={10**20}", f"page={10**9}"],
)  # fmt: skip
async def test_a_page_that_makes_no_sense_is_422(query: str) -> None:
    async with _paging() as client:
        assert (await client.get(f"/?{query}")).status_code == 422


class Thing:
    version = 4


def test_the_tag_of_an_entity_is_its_quoted_version() -> None:
    response = Response()
    tag(response, Thing())
    assert response.headers["etag"] == etag(4) == '"4"'


@pytest.mark.parametrize("if_match", [None, "*", '"4"', '"3", "4"', ' "4" ,"9"'])
def test_a_version_that_is_expected_may_be_changed(if_match: str | None) -> None:
    Expected(if_match).require(Thing())


@pytest.mark.parametrize("if_match", ['"3"', "4", "", 'W/"4"', '"44"'])
def test_any_other_version_is_stale(if_match: str) -> None:
    with pytest.raises(StaleVersionError):
        Expected(if_match).require(Thing())


def test_the_newest_of_many_is_the_highest_version_of_each_in_the_order_of_their_ids() -> None:
    states = [issue(f"issue {number}") for number in range(5)]
    news = [Versioned(version, state) for state in states for version in (1, 2, 9, 3)]
    random.Random(1).shuffle(news)

    best = newest(news)

    assert [one.version for one in best] == [9] * 5
    assert [one.state.id for one in best] == sorted(state.id for state in states)
    assert newest([]) == []


async def _idempotent(key: str, body: bytes = b"{}", **scope: Any) -> IdempotentRequest | None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    whole = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "server": ("service", 80),
        "path": "/a",
        "query_string": b"",
        "headers": [(b"idempotency-key", key.encode("latin-1"))],
    }
    return await IdempotentRequest.of(Request(whole | scope, receive), ME)


ME = uuid4()


async def test_the_same_request_has_the_same_hash_and_any_other_another() -> None:
    requests = [
        await _idempotent("k"),
        await _idempotent("k", b"{} "),
        await _idempotent("k", path="/b"),
        await _idempotent("k", query_string=b"x"),
        await _idempotent("k", path="/ax", query_string=b""),
        await _idempotent("k", path="/a", query_string=b"", body=b""),
    ]
    hashes = [request.request_hash for request in requests if request is not None]

    assert len(set(hashes)) == 6
    again = await _idempotent("another key")
    assert again is not None
    assert again.request_hash == hashes[0]


@pytest.mark.parametrize("key", ["", "x" * 256, "a\x7f", "\xe9"])
async def test_a_key_that_is_empty_too_long_or_not_printable_is_invalid(key: str) -> None:
    with pytest.raises(InvalidError):
        await _idempotent(key)


@pytest.mark.parametrize(
    "scope",
    [
        {"method": "PUT"},
        {"headers": []},
        {"headers": [(b"idempotency-key", b"k"), (b"content-type", b"multipart/form-data; boundary=x")]},
        {"headers": [(b"idempotency-key", b"k"), (b"content-type", b"application/x-www-form-urlencoded")]},
    ],
)
async def test_requests_that_are_not_kept_have_no_identity(scope: dict[str, Any]) -> None:
    assert await _idempotent("k", **scope) is None
