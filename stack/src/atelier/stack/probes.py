"""Is it ready? Each probe asks once, in under two seconds, and never raises."""

from __future__ import annotations

import http.client
import socket
import struct

TIMEOUT = 2.0
"""Seconds that one question may take."""


def http_ok(port: int, path: str, host: str = "127.0.0.1") -> bool:
    """Whether GET answers 200."""
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def postgres_accepts(port: int) -> bool:
    """Whether PostgreSQL goes on to ask for a password; while it starts or recovers it refuses."""
    parameters = b"user\0postgres\0database\0postgres\0\0"
    startup = struct.pack(">II", 8 + len(parameters), 3 << 16) + parameters
    return _exchange(port, startup, 1) == b"R"


def kafka_accepts(port: int) -> bool:
    """Whether the broker answers an ApiVersions request, which it does only once it takes part."""
    correlation, client = 7, b"probe"
    body = struct.pack(">hhih", 18, 0, correlation, len(client)) + client
    answer = _exchange(port, struct.pack(">i", len(body)) + body, 8)
    return len(answer) == 8 and struct.unpack(">i", answer[4:])[0] == correlation


def _exchange(port: int, request: bytes, size: int) -> bytes:
    """The first `size` bytes of the answer, fewer when there were no more."""
    answer = b""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT) as connection:
            connection.sendall(request)
            while len(answer) < size and (more := connection.recv(size - len(answer))):
                answer += more
    except OSError:
        return b""
    return answer
