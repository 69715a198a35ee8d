"""Requests that two readers could take for different ones: refused, and never seen by a service.

Over raw sockets, each with a second request hidden where a lenient reader would find one. The
service behind writes down every byte of every request that reaches it.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from small_servers import RawService, raw_server

HEAD = b"POST /api/v1/raw HTTP/1.1\r\nHost: x\r\n"
GET = b"GET /api/v1/raw HTTP/1.1\r\nHost: x\r\n"
HIDDEN = b"GET /api/v1/raw?hidden HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

LENGTHS = {
    "two lengths": b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    "the same twice": b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
    "in one line": b"Content-Length: 3, 3\r\n\r\nabc",
    "different in one line": b"Content-Length: 3, 40\r\n\r\nabc",
    "a sign": b"Content-Length: +3\r\n\r\nabc",
    "negative": b"Content-Length: -3\r\n\r\nabc",
    "hexadecimal": b"Content-Length: 0x3\r\n\r\nabc",
    "underscore": b"Content-Length: 1_0\r\n\r\nabcdefghij",
    "decimal point": b"Content-Length: 3.0\r\n\r\nabc",
    "exponent": b"Content-Length: 3e0\r\n\r\nabc",
    "blank inside": b"Content-Length: 3 0\r\n\r\nabc",
    "empty": b"Content-Length: \r\n\r\nabc",
    "a word": b"Content-Length: three\r\n\r\nabc",
    "other digits": b"Content-Length: \xd9\xa3\r\n\r\nabc",
    "beyond 64 bits": b"Content-Length: 18446744073709551619\r\n\r\nabc",
    "NUL after it": b"Content-Length: 3\x00\r\n\r\nabc",
    "vertical tab": b"Content-Length: \x0b3\r\n\r\nabc",
    "blank before the colon": b"Content-Length : 3\r\n\r\nabc",
    "tab before the colon": b"Content-Length\t: 3\r\n\r\nabc",
    "blank before the name": b" Content-Length: 3\r\n\r\nabc",
}
ENCODINGS = {
    "length and chunks": b"Content-Length: 6\r\n" + CHUNKED + b"\r\n0\r\n\r\nX",
    "chunks and length": CHUNKED + b"Content-Length: 6\r\n\r\n0\r\n\r\nX",
    "not last": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "not last, in two lines": CHUNKED + b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n",
    "unknown": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "identity": b"Transfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc",
    "compressed": b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "twice": b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "twice in two lines": CHUNKED + CHUNKED + b"\r\n0\r\n\r\n",
    "quoted": b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n',
    "empty": b"Transfer-Encoding: \r\n\r\n0\r\n\r\n",
    "with a parameter": b"Transfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
    "NUL after it": b"Transfer-Encoding: chunked\x00\r\n\r\n0\r\n\r\n",
    "vertical tab": b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "blank before the colon": b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "tab before the colon": b"Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n",
    "blank before the name": b" Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "folded": b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "behind a bare carriage return": b"X: y\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "behind a bare line feed": b"X: y\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
}
CHUNKS = {
    "no size": b"\r\nabc\r\n0\r\n\r\n",
    "no hexadecimal": b"zz\r\nabc\r\n0\r\n\r\n",
    "0x": b"0x3\r\nabc\r\n0\r\n\r\n",
    "a sign": b"+3\r\nabc\r\n0\r\n\r\n",
    "negative": b"-3\r\nabc\r\n0\r\n\r\n",
    "underscore": b"0_3\r\nabc\r\n0\r\n\r\n",
    "blank before it": b" 3\r\nabc\r\n0\r\n\r\n",
    "blank after it": b"3 \r\nabc\r\n0\r\n\r\n",
    "beyond 64 bits": b"10000000000000003\r\nabc\r\n0\r\n\r\n",
    "longer than it says": b"3\r\nabcd\r\n0\r\n\r\n",
    "no end of line after it": b"3\r\nabc0\r\n\r\n",
    "bare line feeds": b"3\nabc\n0\n\n",
    "bare line feed after the size": b"3\nabc\r\n0\r\n\r\n",
    "bare line feed after the data": b"3\r\nabc\n0\r\n\r\n",
    "bare carriage return after the size": b"3\rabc\r\n0\r\n\r\n",
    "bare carriage return in an extension": b"3;a\rb\r\nabc\r\n0\r\n\r\n",
    "bare line feed in an extension": b"3;a\nabc\r\n0\r\n\r\n",
    "NUL in an extension": b"3;a\x00b\r\nabc\r\n0\r\n\r\n",
    "a broken trailer": b"3\r\nabc\r\n0\r\nX Y: z\r\n\r\n",
    "a folded trailer": b"3\r\nabc\r\n0\r\nX: y\r\n z\r\n\r\n",
}
LINES = {
    "folded": GET + b"X: a\r\n b\r\n\r\n",
    "folded with a tab": GET + b"X: a\r\n\tb\r\n\r\n",
    "folded at the start": b"GET /api/v1/raw HTTP/1.1\r\n X: a\r\nHost: x\r\n\r\n",
    "bare carriage return in a value": GET + b"X: a\rY: b\r\n\r\n",
    "bare line feed after the request line": b"GET /api/v1/raw HTTP/1.1\nHost: x\r\n\r\n",
    "bare line feed after a header": GET + b"X: a\nY: b\r\n\r\n",
    "bare line feeds at the end": GET + b"X: a\n\n",
    "NUL in a value": GET + b"X: a\x00b\r\n\r\n",
    "a control character in a value": GET + b"X: a\x01b\r\n\r\n",
    "blank in a name": GET + b"X Y: a\r\n\r\n",
    "blank before the colon": GET + b"X : a\r\n\r\n",
    "no name": GET + b": a\r\n\r\n",
    "no colon": GET + b"X\r\n\r\n",
    "a name beyond ASCII": GET + b"X\xff: a\r\n\r\n",
    "brackets in a name": GET + b"X[1]: a\r\n\r\n",
    "NUL in a name": GET + b"X\x00: a\r\n\r\n",
    "two hosts": GET + b"Host: y\r\n\r\n",
    "no host": b"GET /api/v1/raw HTTP/1.1\r\n\r\n",
    "a strange host": b"GET /api/v1/raw HTTP/1.1\r\nHost: x/../y\r\n\r\n",
    "a tab": b"GET\t/api/v1/raw HTTP/1.1\r\nHost: x\r\n\r\n",
    "a blank in the target": b"GET /api/v1/raw x HTTP/1.1\r\nHost: x\r\n\r\n",
    "a blank before the method": b" GET /api/v1/raw HTTP/1.1\r\nHost: x\r\n\r\n",
    "an unknown method": b"G\x00T /api/v1/raw HTTP/1.1\r\nHost: x\r\n\r\n",
    "a small method": b"get /api/v1/raw HTTP/1.1\r\nHost: x\r\n\r\n",
    "no version": b"GET /api/v1/raw\r\nHost: x\r\n\r\n",
    "a small version": b"GET /api/v1/raw http/1.1\r\nHost: x\r\n\r\n",
    "a strange version": b"GET /api/v1/raw HTTP/1.1x\r\nHost: x\r\n\r\n",
    "HTTP/2 in plain": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "chunks in HTTP/1.0": b"POST /api/v1/raw HTTP/1.0\r\nHost: x\r\n" + CHUNKED + b"\r\n0\r\n\r\n",
    "a long request line": b"GET /api/v1/raw?" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a long value": GET + b"X: " + b"a" * 70_000 + b"\r\n\r\n",
    "a long name": GET + b"X" * 70_000 + b": a\r\n\r\n",
    "very many headers": GET + b"a: b\r\n" * 12_000 + b"\r\n",
}
CORPUS = {
    **{f"length, {name}": HEAD + rest for name, rest in LENGTHS.items()},
    **{f"encoding, {name}": HEAD + rest for name, rest in ENCODINGS.items()},
    **{f"chunk, {name}": HEAD + CHUNKED + b"\r\n" + rest for name, rest in CHUNKS.items()},
    **{f"line, {name}": rest for name, rest in LINES.items()},
}


class Recorder:
    """Answers every request and keeps every byte it was sent."""

    def __init__(self) -> None:
        self.seen = b""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while received := await reader.read(65536):
            self.seen += received
            if b"\r\n\r\n" in received:
                writer.write(OK)
                await writer.drain()


@pytest_asyncio.fixture(name="behind", scope="module")
async def _behind(another: Any) -> AsyncIterator[tuple[Recorder, int]]:
    """A recorder, and the port of the gateway before it."""
    recorder = Recorder()
    service = RawService(behaviour=recorder)
    async with raw_server(service):
        url = await another(production_urls=service.url)
        yield recorder, int(url.rpartition(":")[2])


async def said_to(port: int, request: bytes) -> bytes:
    """All that comes back for it, until the connection ends or nothing more comes for a moment."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = b""
    try:
        writer.write(request)
        while more := await asyncio.wait_for(reader.read(65536), 0.5):
            received += more
    except (ConnectionError, TimeoutError):
        pass
    finally:
        writer.close()
    return received


@pytest.mark.parametrize("name", CORPUS)
async def test_what_could_be_read_in_two_ways_is_refused_and_reaches_no_service(
    behind: tuple[Recorder, int], name: str
) -> None:
    recorder, port = behind
    recorder.seen = b""
    answer = await said_to(port, CORPUS[name] + HIDDEN)
    assert not recorder.seen, recorder.seen[:300]
    assert not answer or answer[9:10] == b"4", answer[:300]
    assert answer.count(b"HTTP/1.1 ") <= 1, answer[:300]


async def test_a_clean_request_reaches_it_with_one_framing(behind: tuple[Recorder, int]) -> None:
    recorder, port = behind
    for framing in (b"Content-Length: 3\r\n\r\nabc", CHUNKED + b"\r\n3;ext=1\r\nabc\r\n0\r\nX: y\r\n\r\n"):
        recorder.seen = b""
        answer = await said_to(port, HEAD + b"Connection: close\r\n" + framing)
        assert answer.startswith(b"HTTP/1.1 200"), answer
        head, _, body = recorder.seen.partition(b"\r\n\r\n")
        framings = [
            line for line in head.lower().split(b"\r\n") if line.startswith((b"content-l", b"transfer"))
        ]
        assert len(framings) == 1
        assert b"abc" in body
        assert b"X: y" not in body


async def test_a_request_behind_another_is_one_of_its_own(behind: tuple[Recorder, int]) -> None:
    recorder, port = behind
    recorder.seen = b""
    last = GET.replace(b"raw", b"raw?last") + b"Connection: close\r\n\r\n"
    answer = await said_to(port, HEAD + b"Content-Length: 3\r\n\r\nabc" + last)
    assert answer.count(b"HTTP/1.1 200") == 2
    assert recorder.seen.count(b" HTTP/1.1\r\n") == 2
