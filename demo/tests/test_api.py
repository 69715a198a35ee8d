"""Asked again while it is away, and never twice for one effect."""

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from demo.api import signed_in
from demo.errors import DemoError, LoginError, NotRunningError, RefusedError
from demo.options import Login

IN_FLIGHT = "A request with this Idempotency-Key is still being worked on; repeat it in a moment."


def said(status: int, **body: Any) -> web.Response:
    return web.json_response(body, status=status)


@pytest.mark.parametrize("first", [None, said(502), said(503), said(504), said(409, detail=IN_FLIGHT)])
async def test_a_post_that_may_be_lost_is_sent_again_with_its_key(gateway: Any, api: Any, first: Any) -> None:
    gateway.answers = [first, said(201, id="7")]
    assert await api.post("/api/v1/products/?a=b", "knit", {"name": "Knit"}) == {"id": "7"}
    assert [request.headers["Idempotency-Key"] for request in gateway.asked] == ["run-1/knit"] * 2
    assert gateway.bodies == [b'{"name":"Knit"}'] * 2
    assert gateway.asked[0].query_string == "a=b"
    assert gateway.asked[0].headers["Authorization"] == "Bearer a-token"


async def test_what_is_refused_is_not_sent_again(gateway: Any, api: Any) -> None:
    gateway.answers = [said(409, detail="APPROVED can't be rejected.")]
    with pytest.raises(RefusedError, match=r"POST /api/v1/shots/1/reject was refused with 409: .*APPROVED"):
        await api.post("/api/v1/shots/1/reject", "reject")


async def test_patience_ends(gateway: Any) -> None:
    gateway.answers = [said(503) for _ in range(50)]
    async with signed_in(gateway.url, Login("root@example.com", "right"), "run", patience=0.3) as api:
        with pytest.raises(DemoError, match="GET /health wasn't answered in 0 s"):
            await api.get("/health")


async def test_bytes_go_to_the_storage_as_signed_and_without_the_login(gateway: Any, api: Any) -> None:
    gateway.answers = [said(500), None, web.Response()]
    await api.put_file(f"{gateway.url}/bucket/temp/a%20b?X-Amz-Signature=%2Fx", b"bytes", "image/webp")
    request = gateway.asked[-1]
    assert (request.raw_path, gateway.bodies[-1]) == ("/bucket/temp/a%20b?X-Amz-Signature=%2Fx", b"bytes")
    assert request.headers["Content-Type"] == "image/webp"
    assert "Authorization" not in request.headers


async def test_a_download_follows_its_redirect_without_the_login(
    gateway: Any, api: Any, tmp_path: Path
) -> None:
    elsewhere = {"Location": f"{gateway.url}/bucket/exports/a.zip?X-Amz-Signature=%2Fx"}
    gateway.answers = [None, web.Response(status=302, headers=elsewhere), said(503), web.Response(body=b"PK")]
    await api.download("/api/v1/products/export-tasks/1/download", tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_bytes() == b"PK"
    assert gateway.asked[-1].raw_path == "/bucket/exports/a.zip?X-Amz-Signature=%2Fx"
    assert "Authorization" not in gateway.asked[-1].headers


async def test_a_download_that_is_gone_is_refused(gateway: Any, api: Any, tmp_path: Path) -> None:
    gateway.answers = [said(404, detail="Export task not found.")]
    with pytest.raises(RefusedError) as refused:
        await api.download("/api/v1/products/export-tasks/1/download", tmp_path / "a.zip")
    assert refused.value.status == 404


async def test_a_wrong_password_and_a_gateway_that_is_not_there_are_told_apart(gateway: Any) -> None:
    with pytest.raises(LoginError, match=r"doesn't take the password for root@example\.com"):
        await _sign_in(gateway.url, "wrong")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        nowhere = f"http://127.0.0.1:{probe.getsockname()[1]}"
    with pytest.raises(NotRunningError, match="start `make run` first"):
        await _sign_in(nowhere, "right")


async def test_something_else_that_listens_there_is_no_gateway() -> None:
    async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
        writer.close()

    async with await asyncio.start_server(welcome, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(NotRunningError, match="isn't Atelier"):
            await _sign_in(url, "right")


async def _sign_in(url: str, password: str) -> None:
    async with signed_in(url, Login("root@example.com", password), "run"):
        pass
