"""Targets and framings by which a request might be taken for another one."""

from typing import Any

import orjson
import pytest

HOST = b" HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    "target",
    [
        b"/api/v1/open/",
        b"/api/v1//open",
        b"//api/v1/open",
        b"/api/v1/./open",
        b"/api/v1/x/../open",
        b"/api/v1/%2e%2e/v1/open",
        b"/api/v1/%6fpen",
        b"/api/v1%2fopen",
        b"/api/v1/things/%2e%2e",
        b"/api/v1/things/a%2fb",
        b"/api/v1/things/a%5cb",
        b"/api/v1/things/a\\b",
        b"/api/v1/things/%00",
        b"/api/v1/things/%0d%0aX-Evil:1",
        b"/api/v1/things/%ff",
        b"/api/v1/things/%c0%af",
        b"/api/v1/things/%",
        b"/api/v1/things/..;/open",
        b"/files/../internal",
        b"/files/%2e%2e/%2e%2e/etc/passwd",
        b"/files//etc/passwd",
        b"/files/a%00.png",
        b"//elsewhere/api/v1/open",
        b"http://127.0.0.1:1/api/v1/open",
        b"http://elsewhere/internal/principals/1",
        b"/internal/principals/1",
        b"/health/ready",
        b"/metrics",
        b"/docs/../internal",
        b"/docs/swagger-ui.css/..",
    ],
)
async def test_a_strange_path_reaches_no_service(door: Any, target: bytes) -> None:
    answer = await door.raw(b"GET " + target + HOST + b"\r\n")
    assert answer.startswith(b"HTTP/1.1 404"), answer
    assert "detail" in _body(answer)


@pytest.mark.parametrize(
    "target",
    [b"/files/a/b%20c/d.png", b"/files/%C3%A9", b"/files/a:b@c", b"/files/a.b/c..d", b"/files/~'()!*"],
)
async def test_an_unusual_path_arrives_byte_for_byte(door: Any, target: bytes) -> None:
    answer = await door.raw(b"GET " + target + b"?q=%2F%zz&[]=%00;'" + HOST + b"\r\n")
    assert _body(answer)["raw_path"].encode() == target
    assert _body(answer)["query"] == "q=%2F%zz&[]=%00;'"


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST /api/v1/open" + HOST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nabc",
        b"POST /api/v1/open" + HOST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"POST /api/v1/open" + HOST + b"Content-Length: 3, 3\r\n\r\nabc",
        b"POST /api/v1/open" + HOST + b"Content-Length: +3\r\n\r\nabc",
        b"POST /api/v1/open" + HOST + b"Content-Length: -1\r\n\r\nabc",
        b"POST /api/v1/open" + HOST + b"Content-Length: 0x3\r\n\r\nabc",
        b"POST /api/v1/open" + HOST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        b"POST /api/v1/open" + HOST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"POST /api/v1/open" + HOST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
        b"GET /api/v1/open" + HOST + b"X-A: a\rX-B: b\r\n\r\n",
        b"GET /api/v1/open" + HOST + b"X-A: a\x00b\r\n\r\n",
        b"GET /api/v1/open" + HOST + b" folded: x\r\n\r\n",
        b"GET /api/v1/open" + HOST + b"X A: b\r\n\r\n",
        b"GET /api/v1/op\xffen" + HOST + b"\r\n",
        b"GET /api/v1/open?a=\xff" + HOST + b"\r\n",
        b"GET /api/v1/open?a b" + HOST + b"\r\n",
        b"GET /api/v1/open" + HOST + b"X-A: \xff\r\n\r\n",
        b"GET /api/v1/open HTTP/9.9\r\nHost: x\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"CONNECT elsewhere:443" + HOST + b"\r\n",
        b"OPTIONS *" + HOST + b"\r\n",
    ],
)
async def test_an_ambiguous_or_broken_request_is_refused(door: Any, request_bytes: bytes) -> None:
    answer = await door.raw(request_bytes)
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 404")), answer
    assert "detail" in _body(answer)


async def test_headers_without_end_or_of_any_size_are_431(door: Any) -> None:
    for head in (
        b"GET /api/v1/open" + HOST + b"X-A: " + b"a" * 40_000 + b"\r\n\r\n",
        b"GET /api/v1/open" + HOST + b"X-A: " + b"a" * 400_000,
        b"GET /api/v1/open" + HOST + b"a: b\r\n" * 20_000,
        b"GET /api/v1/" + b"a" * 400_000,
    ):
        assert (await door.raw(head)).startswith(b"HTTP/1.1 431")


async def test_a_large_body_is_not_taken_for_a_large_head(door: Any) -> None:
    head = b"POST /api/v1/open" + HOST + b"Content-Length: 100000\r\n\r\n"
    assert (await door.raw(head + b"x" * 100_000)).startswith(b"HTTP/1.1 200")


async def test_requests_in_one_packet_are_answered_one_after_the_other(door: Any) -> None:
    one = b"POST /api/v1/open" + HOST + b"Content-Length: 3\r\n\r\none"
    two = b"GET /nowhere" + HOST + b"Connection: close\r\n\r\n"
    answer = await door.raw(one + two)
    assert answer.startswith(b"HTTP/1.1 200")


async def test_a_wrong_method_is_405_with_the_right_ones(door: Any) -> None:
    async with door.http.delete(f"{door.url}/api/v1/things/") as response:
        assert response.status == 405
        assert response.headers["Allow"] == "GET, POST"
    async with door.http.post(f"{door.url}/docs") as response:
        assert (response.status, response.headers["Allow"]) == (405, "GET, HEAD")


async def test_an_upgrade_is_an_ordinary_request(door: Any) -> None:
    upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n\r\n"
    answer = await door.raw(b"GET /api/v1/open" + HOST + upgrade)
    assert answer.startswith(b"HTTP/1.1 200")
    names = {name for name, _ in _body(answer)["headers"]}
    assert not names & {"upgrade", "http2-settings", "connection"}


def _body(answer: bytes) -> Any:
    return orjson.loads(answer.partition(b"\r\n\r\n")[2])
