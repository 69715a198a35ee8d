"""What goes through the gateway arrives as it was sent, or is answered by a documented error."""

import asyncio
from typing import Any
from uuid import uuid4

import aiohttp
import orjson
import pytest
from yarl import URL

from atelier.runtime.auth import Principal

ADDRESS = "127.0.0.1"


async def test_a_request_arrives_as_it_was_sent(door: Any) -> None:
    user = str(uuid4())
    headers = {**door.bearer(sub=user), "Idempotency-Key": "k", "Content-Type": "text/x", "X-User-Id": "root"}
    target = URL(f"{door.url}/api/v1/things/?a=1&a=%C3%A9&b=x+y&c=%2F", encoded=True)
    async with door.http.post(target, data=b"\x00\xffbody", headers=headers) as response:
        said = await response.json()
    sent = dict(said["headers"])
    assert (said["method"], said["raw_path"], said["body"]) == ("POST", "/api/v1/things/", "\x00ÿbody")
    assert said["query"] == "a=1&a=%C3%A9&b=x+y&c=%2F"
    assert (sent["idempotency-key"], sent["content-type"]) == ("k", "text/x")
    assert sent["x-forwarded-for"] == ADDRESS
    assert "x-user-id" not in sent
    principal = door.principal_of(said)
    assert (str(principal.user_id), principal.superuser, principal.service) == (user, False, None)


async def test_an_operation_without_login_is_asked_by_nobody(door: Any) -> None:
    for headers in ({}, door.bearer(), {"Authorization": "Bearer nonsense"}):
        async with door.http.get(f"{door.url}/api/v1/open", headers=headers) as response:
            assert response.status == 200
            assert door.principal_of(await response.json()) == Principal.anonymous()


async def test_nothing_is_added_that_the_caller_did_not_send(door: Any) -> None:
    answer = await door.raw(b"POST /api/v1/open HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi")
    said = _json(answer)
    ours = {"host", "content-length", "x-request-id", "x-forwarded-for", "authorization", "traceparent"}
    assert {name for name, _ in said["headers"]} == ours


async def test_every_answer_carries_the_request_id(door: Any) -> None:
    mine = {"X-Request-ID": "mine-1"}
    for path, status in (("/api/v1/open", 200), ("/nowhere", 404), ("/api/v1/things/", 401), ("/docs", 200)):
        async with door.http.get(door.url + path, headers=mine) as response:
            assert response.status == status
            assert response.headers.getall("X-Request-ID") == ["mine-1"]
    async with door.http.get(f"{door.url}/api/v1/open", headers={"X-Request-ID": "not; sane"}) as response:
        said = dict((await response.json())["headers"])
        assert said["x-request-id"] == response.headers["X-Request-ID"] != "not; sane"


async def test_a_trace_goes_on_and_a_new_one_begins(door: Any) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    mine = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01", "tracestate": "a=b"}
    async with door.http.get(f"{door.url}/api/v1/open", headers=mine) as response:
        sent = dict((await response.json())["headers"])
    assert sent["traceparent"].split("-")[1] == trace
    assert sent["traceparent"] != mine["traceparent"]
    assert sent["tracestate"] == "a=b"
    async with door.http.get(f"{door.url}/api/v1/open", headers={"tracestate": "a=b"}) as response:
        sent = dict((await response.json())["headers"])
    assert len(sent["traceparent"]) == 55
    assert "tracestate" not in sent


async def test_inner_headers_of_an_answer_stay_inside(door: Any) -> None:
    async with door.http.get(f"{door.url}/api/v1/open") as response:
        assert response.headers["X-Echo"] == "1"
        assert "X-Internal-Host" not in response.headers
        assert "Server" not in response.headers
        assert len(response.headers.getall("Date")) == 1


async def test_head_is_answered_without_a_body(door: Any) -> None:
    async with door.http.head(f"{door.url}/api/v1/open") as response:
        assert response.status == 200
        assert int(response.headers["Content-Length"]) > 0
        assert await response.read() == b""
    async with door.http.get(f"{door.url}/api/v1/open") as response:
        assert response.status == 200


async def test_a_redirect_of_a_service_does_not_show_its_address(door: Any) -> None:
    async with door.http.get(f"{door.url}/api/v1/moved", allow_redirects=False) as response:
        assert response.status == 307
        assert response.headers["Location"] == "/api/v1/open"


@pytest.mark.parametrize("status", [302, 303, 307])
async def test_a_redirect_to_the_storage_arrives_as_the_service_gave_it(door: Any, status: int) -> None:
    where = (
        "http://storage.example:9000/atelier/exports/1/a%20b.zip?X-Amz-Signature=%2Fab%3D&response=%22x%22"
    )
    target = f"{door.url}/files/elsewhere?{status}&{where}"
    async with door.http.get(URL(target, encoded=True), allow_redirects=False) as response:
        assert response.status == status
        assert response.headers["Location"] == where


async def test_an_answer_streams_piece_by_piece(door: Any) -> None:
    async with door.http.get(f"{door.url}/api/v1/stream") as response:
        assert response.headers["X-Kind"] == "stream"
        for number in range(3):
            door.catalog.next_piece.set()  # the next piece is made only after the last one is here
            assert await response.content.read(1) == b"%d" % number
        assert await response.read() == b""


async def test_a_body_streams_piece_by_piece(door: Any) -> None:
    async def pieces() -> Any:
        for number in range(4):
            await door.until(lambda seen=number: len(door.catalog.pieces) >= seen)
            yield b"x" * 1000

    door.catalog.pieces.clear()
    async with door.http.post(f"{door.url}/api/v1/upload", data=pieces()) as response:
        assert (response.status, await response.json()) == (201, {"bytes": 4000})


async def test_a_body_with_a_length_streams_too(door: Any) -> None:
    reader, writer = await asyncio.open_connection(ADDRESS, door.port)
    door.catalog.pieces.clear()
    writer.write(b"POST /api/v1/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc")
    await door.until(lambda: sum(door.catalog.pieces) == 3)
    writer.write(b"def")
    assert (await reader.readline()).startswith(b"HTTP/1.1 201")
    writer.close()


async def test_a_caller_who_leaves_during_an_upload_leaves_no_whole_body(door: Any) -> None:
    for framing, part in ((b"Content-Length: 6", b"abc"), (b"Transfer-Encoding: chunked", b"3\r\nabc\r\n")):
        door.catalog.pieces.clear()
        _, writer = await asyncio.open_connection(ADDRESS, door.port)
        writer.write(b"POST /api/v1/upload HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n\r\n" + part)
        await door.until(lambda: sum(door.catalog.pieces) == 3)
        writer.close()
        await door.until(lambda: door.catalog.whole is not None)
        assert door.catalog.whole is False


async def test_a_caller_who_leaves_during_an_answer_ends_it_behind_the_gateway(door: Any) -> None:
    async with aiohttp.ClientSession() as leaving, leaving.get(f"{door.url}/api/v1/endless") as response:
        await response.content.read(100)
        response.close()
    await door.until(door.catalog.disconnected.is_set)


async def test_a_caller_who_does_not_read_holds_the_service_back(door: Any) -> None:
    door.catalog.megabytes = 0
    _, writer = await asyncio.open_connection(ADDRESS, door.port, limit=1024)
    writer.write(b"GET /api/v1/endless HTTP/1.1\r\nHost: x\r\n\r\n")
    seen = [-1.0]

    def stands_still() -> bool:
        seen.append(door.catalog.megabytes)
        return len(seen) > 40 and 0 < seen[-40] == seen[-1]

    await door.until(stands_still)
    assert door.catalog.megabytes < 40
    writer.close()
    await door.until(door.catalog.disconnected.is_set)


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_beyond_the_limit_is_413(door: Any, chunked: bool) -> None:
    async def pieces() -> Any:
        for _ in range(5):
            yield b"x" * 50_000

    body = pieces() if chunked else b"x" * 200_001
    async with door.http.post(f"{door.url}/api/v1/upload", data=body) as response:
        assert response.status == 413
        assert "200000 bytes" in (await response.json())["detail"]


async def test_a_body_at_the_limit_goes_through(door: Any) -> None:
    async with door.http.post(f"{door.url}/api/v1/upload", data=b"x" * 200_000) as response:
        assert (await response.json()) == {"bytes": 200_000}


async def test_a_caller_who_waits_for_100_continue_and_is_refused_loses_the_connection(door: Any) -> None:
    head = (
        b"POST /api/v1/upload HTTP/1.1\r\nHost: x\r\nContent-Length: 200001\r\nExpect: 100-continue\r\n\r\n"
    )
    answer = await door.raw(head)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"connection: close" in answer


async def test_no_answer_by_the_deadline_is_504_and_others_go_on(door: Any) -> None:
    hanging = asyncio.create_task(door.http.get(f"{door.url}/api/v1/hang").__aenter__())
    async with door.http.get(f"{door.url}/api/v1/open") as response:
        assert response.status == 200
    assert not hanging.done()
    async with await hanging as response:
        assert response.status == 504
        assert (await response.json())["detail"].startswith("The catalog service didn't answer within 0.6 s")


async def test_an_operation_may_have_a_deadline_of_its_own(door: Any) -> None:
    async with door.http.get(f"{door.url}/api/v1/patient") as response:
        assert response.status == 200


async def test_a_body_that_does_not_come_is_408(door: Any) -> None:
    answer = await door.raw(b"POST /api/v1/hang HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc")
    assert answer.startswith(b"HTTP/1.1 408")


async def test_a_small_answer_that_breaks_off_is_502(door: Any) -> None:
    async with door.http.get(f"{door.url}/api/v1/half") as response:
        assert response.status == 502


async def test_a_large_answer_that_breaks_off_is_not_taken_for_whole(door: Any) -> None:
    with pytest.raises(aiohttp.ClientPayloadError):
        async with door.http.get(f"{door.url}/api/v1/half?100000") as response:
            await response.read()


async def test_a_connection_that_ends_without_an_answer_is_502_and_only_a_read_is_sent_again(
    door: Any,
) -> None:
    async def drop(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    door.production.behaviour = drop
    for method, times in (("GET", 2), ("POST", 1), ("DELETE", 1)):
        before = door.production.connections
        async with door.http.request(method, f"{door.url}/api/v1/raw") as response:
            assert response.status == 502
            assert "detail" in await response.json()
        assert door.production.connections == before + times


@pytest.mark.parametrize(
    "answer",
    [b"SSH-2.0-x\r\n\r\n", b"HTTP/1.1 abc OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"],
)
async def test_an_answer_that_is_no_http_is_502(door: Any, answer: bytes) -> None:
    async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()

    door.production.behaviour = nonsense
    async with door.http.get(f"{door.url}/api/v1/raw") as response:
        assert response.status == 502


async def test_an_early_answer_to_an_upload_comes_through(door: Any) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 409 Conflict\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
        await writer.drain()

    door.production.behaviour = refuse
    head = b"POST /api/v1/raw HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc"
    assert (await door.raw(head)).startswith(b"HTTP/1.1 409")


async def test_where_nobody_listens_it_is_503(door: Any, closed_production: None) -> None:
    async with door.http.post(f"{door.url}/api/v1/raw", data=b"x") as response:
        assert response.status == 503
        assert response.headers["Retry-After"]
        assert "production" in (await response.json())["detail"]


async def test_the_next_address_is_tried_where_one_refuses_whatever_the_method(door: Any) -> None:
    async def pieces() -> Any:
        yield b"a" * 1000
        yield b"b" * 1000

    for _ in range(4):  # in turn: every second one begins with the address that refuses
        async with door.http.put(f"{door.url}/api/v1/open", data=pieces()) as response:
            assert (await response.json())["body"] == "a" * 1000 + "b" * 1000
        async with door.http.post(f"{door.url}/api/v1/open", data=b"c") as response:
            assert (await response.json())["body"] == "c"


def _json(answer: bytes) -> Any:
    return orjson.loads(answer.partition(b"\r\n\r\n")[2])
