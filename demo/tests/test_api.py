"""What a person is told where the gateway isn't there, isn't theirs, or stays away."""

import asyncio
import socket
from typing import Any

import pytest
from aiohttp import web

from atelier_client.models import StartGenerationsRequest
from demo.api import signed_in
from demo.errors import DemoError, LoginError, NotRunningError, RefusedError
from demo.options import Login

ID = "0198a2b4-7c1e-7e3a-9a55-3f1f6f0c2d11"


def said(status: int, **body: Any) -> web.Response:
    return web.json_response(body, status=status)


async def test_what_is_refused_is_told_with_its_reason(gateway: Any) -> None:
    gateway.answers = [said(409, detail="APPROVED can't be rejected.")]
    with pytest.raises(RefusedError, match=rf"POST .*/{ID}/reject was refused with 409: APPROVED can't"):
        async with _signed_in(gateway.url) as api:
            await api.shots.reject_shot(ID)
    assert gateway.asked[0].headers["Authorization"] == "Bearer a-token"


@pytest.mark.parametrize("answers", [lambda: None, lambda: said(503, detail="Catalog can't be reached.")])
async def test_patience_ends(gateway: Any, answers: Any) -> None:
    gateway.answers = [answers() for _ in range(50)]
    with pytest.raises(DemoError, match="see the logs of `make run`") as error:
        async with _signed_in(gateway.url, patience=0.3) as api:
            await api.shots.generate_shot(ID, body=StartGenerationsRequest())
    assert error.value.exit_code == 1
    assert len(gateway.asked) > 1
    assert len({request.headers["Idempotency-Key"] for request in gateway.asked}) == 1


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


def _signed_in(url: str, password: str = "right", patience: float = 5) -> Any:
    return signed_in(url, Login("root@example.com", password), patience)


async def _sign_in(url: str, password: str) -> None:
    async with _signed_in(url, password):
        pass
