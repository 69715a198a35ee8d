"""SIGTERM under load: every request that was sent is answered, and no connection is reset."""

import asyncio
import signal
from typing import Any

from gateway_process import serving
from small_servers import free_port

REQUEST = b"GET /api/v1/open HTTP/1.1\r\nHost: x\r\n\r\n"
CLIENTS = 12


class Client:
    """Asks on one connection, one request after the other, until it is told to close it."""

    def __init__(self) -> None:
        self.answers = 0
        self.told_to_close = False

    async def run(self, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while not self.told_to_close:
            writer.write(REQUEST)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            await reader.readexactly(_length(head))
            self.answers += 1
            self.told_to_close = b"\r\nconnection: close\r\n" in head.lower()
        assert await reader.read() == b""
        writer.close()


async def test_a_stop_under_load_resets_no_connection(door: Any) -> None:
    port = free_port()
    clients = [Client() for _ in range(CLIENTS)]
    async with serving(door, port) as process:
        loads = [asyncio.create_task(client.run(port)) for client in clients]
        await door.until(lambda: all(client.answers > 3 for client in clients), 20)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(20):
            await asyncio.gather(*loads)
            await process.wait()
    assert all(client.told_to_close for client in clients)


def _length(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return int(next(line for line in lines if line.startswith(b"content-length:")).partition(b":")[2])
