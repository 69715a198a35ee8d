"""Real little HTTP servers to stand behind a gateway: an echo, identity, and a raw one."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import jwt
import orjson
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from atelier.gateway.settings import GatewaySettings
from atelier.runtime.auth import InternalTokens, Principal

SECRET = "a-secret-of-the-tests-of-at-least-32-characters"
LOGIN = [{"OAuth2PasswordBearer": []}]
DEADLINE = 0.6
MAX_BODY = 200_000

CATALOG = {
    "/api/v1/things/": {"get": {"security": LOGIN}, "post": {"security": LOGIN}},
    "/api/v1/things/{id}": {"get": {"security": LOGIN}, "put": {"security": LOGIN}},
    "/api/v1/open": {"get": {}, "post": {}, "head": {}, "put": {}},
    "/api/v1/stream": {"get": {}},
    "/api/v1/endless": {"get": {}},
    "/api/v1/half": {"get": {}},
    "/api/v1/upload": {"post": {"x-deadline-seconds": 20}},
    "/api/v1/small": {"post": {"x-max-body-bytes": 100}},
    "/api/v1/hang": {"get": {}, "post": {}},
    "/api/v1/patient": {"get": {"x-deadline-seconds": 20}},
    "/api/v1/moved": {"get": {}},
    "/files/{path}": {"get": {"x-multi-segment": "path"}},
}
PRODUCTION = {
    "/api/v1/raw": {"get": {}, "post": {}, "delete": {}},
    "/api/v1/secured": {method: {"security": LOGIN} for method in ("post", "put", "delete")},
}
IDENTITY = {
    "/api/v1/users/me": {"get": {"security": LOGIN}, "patch": {"security": LOGIN}},
    "/api/v1/login/access-token": {"post": {}},
    "/.well-known/jwks.json": {"get": {}},
}


@dataclass
class EchoService:
    """Says what it was sent; streams and hangs where a test wants it."""

    url: str = ""
    pieces: list[int] = field(default_factory=list)
    whole: bool | None = None
    next_piece: asyncio.Event = field(default_factory=asyncio.Event)
    disconnected: asyncio.Event = field(default_factory=asyncio.Event)
    ready: bool | str = True
    in_hand: int = 0
    megabytes: float = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        special = {
            "/api/v1/stream": self._stream,
            "/api/v1/endless": self._endless,
            "/api/v1/half": self._half,
            "/api/v1/upload": self._upload,
            "/api/v1/hang": self._hang,
            "/api/v1/patient": self._patient,
            "/api/v1/moved": self._moved,
            "/files/elsewhere": self._elsewhere,
            "/health/ready": self._health,
            "/internal/health-details": self._details,
        }
        await special.get(path, self._echo)(scope, receive, send)

    async def _echo(self, scope: Any, receive: Any, send: Any) -> None:
        body = await self._read(receive)
        said = {
            "method": scope["method"],
            "raw_path": scope["raw_path"].decode("latin-1"),
            "query": scope["query_string"].decode("latin-1"),
            "headers": [[name.decode(), value.decode("utf-8")] for name, value in scope["headers"]],
            "body": body.decode("latin-1"),
        }
        extra = [(b"x-internal-host", b"10.0.0.7"), (b"x-echo", b"1"), (b"x-request-id", b"inner")]
        await answer(send, 200, said, extra)

    async def _read(self, receive: Any) -> bytes:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                return body

    async def _stream(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-kind", b"stream")]})
        for number in range(3):
            await self.next_piece.wait()
            self.next_piece.clear()
            await send({"type": "http.response.body", "body": b"%d" % number, "more_body": number < 2})

    async def _endless(self, scope: Any, receive: Any, send: Any) -> None:
        gone = asyncio.ensure_future(self._until_gone(receive))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while not gone.done():
            self.megabytes += 65536 / 1e6
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
            await asyncio.sleep(0)
        self.disconnected.set()

    async def _until_gone(self, receive: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async def _half(self, scope: Any, receive: Any, send: Any) -> None:
        length = scope["query_string"] or b"100"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})

    async def _upload(self, scope: Any, receive: Any, send: Any) -> None:
        self.pieces.clear()
        self.whole = None
        while self.whole is None:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.whole = False
                return
            self.pieces.append(len(message["body"]))
            if not message["more_body"]:
                self.whole = True
        await answer(send, 201, {"bytes": sum(self.pieces)})

    async def _hang(self, scope: Any, receive: Any, send: Any) -> None:
        self.in_hand += 1
        await self._until_gone(receive)
        self.in_hand -= 1

    async def _patient(self, scope: Any, receive: Any, send: Any) -> None:
        self.in_hand += 1
        await asyncio.sleep(DEADLINE * 1.5)
        self.in_hand -= 1
        await answer(send, 200, {})

    async def _moved(self, scope: Any, receive: Any, send: Any) -> None:
        await answer(send, 307, {}, [(b"location", self.url.encode() + b"/api/v1/open")])

    async def _elsewhere(self, scope: Any, receive: Any, send: Any) -> None:
        status, _, where = scope["query_string"].partition(b"&")
        await answer(send, int(status), {}, [(b"location", where)])

    async def _details(self, scope: Any, receive: Any, send: Any) -> None:
        await answer(send, 200, {"ready": True, "version": "1"})

    async def _health(self, scope: Any, receive: Any, send: Any) -> None:
        degraded = ["broker"] if self.ready == "degraded" else []
        await answer(send, 200 if self.ready else 503, {"status": "ok", "degraded": degraded})


@dataclass
class IdentityService:
    """Serves keys and principals, and lets its users change."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    superuser: bool = False
    active: bool = True
    asked: int = 0
    slow: asyncio.Event | None = None
    not_before: str | None = None
    revoked: set[str] = field(default_factory=set)
    api_keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    """SHA-256 → what resolving it answers."""
    url: str = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        if path == "/internal/api-keys/resolve":
            digest = json.loads((await receive())["body"])["digest"]
            known = self.api_keys.get(digest)
            await answer(send, 200 if known else 404, known or {"detail": "API key not found."})
        elif path == "/.well-known/jwks.json":
            key = jwt.algorithms.OKPAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
            await answer(send, 200, {"keys": [{**key, "kid": "k1"}]})
        elif path.startswith("/internal/principals/"):
            await self._principal(path, scope, send)
        elif scope["method"] == "PATCH":
            self.superuser = True
            await answer(send, 200, {})
        else:
            await answer(send, 200, {"status": "ok"})

    async def _principal(self, path: str, scope: Any, send: Any) -> None:
        sent = dict(scope["headers"])[b"authorization"].decode().removeprefix("Bearer ")
        assert InternalTokens(SECRET, "test").read(sent).service == "gateway"
        self.asked += 1
        superuser = self.superuser
        if self.slow is not None:
            await self.slow.wait()
        if not self.active:
            await answer(send, 404, {"detail": "User not found."})
            return
        await answer(
            send,
            200,
            {
                "user_id": path.rpartition("/")[2],
                "superuser": superuser,
                "organizations": {},
                "not_before": self.not_before,
                "session_revoked": scope["query_string"].decode().partition("=")[2] in self.revoked,
            },
        )

    def token(self, **changes: Any) -> str:
        now = int(time.time())
        claims = {
            "iss": "atelier",
            "aud": "atelier",
            "sub": str(uuid4()),
            "iat": now,
            "exp": now + 600,
            **changes,
        }
        return jwt.encode(claims, self.key, algorithm="EdDSA", headers={"kid": "k1"})


async def answer(send: Any, status: int, body: Any, headers: Any = ()) -> None:
    content = orjson.dumps(body)
    own = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(content)), *headers]
    await send({"type": "http.response.start", "status": status, "headers": own})
    await send({"type": "http.response.body", "body": content})


Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class RawService:
    """Speaks, or doesn't, whatever bytes a test wants."""

    url: str = ""
    connections: int = 0
    behaviour: Behaviour | None = None
    server: asyncio.Server | None = None

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            if self.behaviour is not None:
                await self.behaviour(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@dataclass
class Door:
    """The gateway and what is behind it."""

    url: str
    settings: GatewaySettings
    catalog: EchoService
    identity: IdentityService
    production: RawService
    http: aiohttp.ClientSession

    @property
    def port(self) -> int:
        return self.settings.port

    def bearer(self, **changes: Any) -> dict[str, str]:
        """A user of its own each time, whom the gateway doesn't know yet."""
        token = self.identity.token(**{"sub": str(uuid4()), **changes})
        return {"Authorization": f"Bearer {token}"}

    def principal_of(self, echoed: Any) -> Principal:
        """Whom the service was told is asking."""
        sent = dict(echoed["headers"])["authorization"].removeprefix("Bearer ")
        return InternalTokens(SECRET, "test").read(sent)

    async def until(self, condition: Callable[[], bool], seconds: float = 5) -> None:
        """Poll with a deadline."""
        await until(condition, seconds)

    async def raw(self, request: bytes) -> bytes:
        """The bytes that come back for these bytes, until the connection ends or an answer is whole."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request)
        received = b""
        try:
            async with asyncio.timeout(5):
                while not _is_whole(received) and (more := await reader.read(65536)):
                    received += more
        except ConnectionError:
            pass
        finally:
            writer.close()
        return received


def _is_whole(received: bytes) -> bool:
    head, end, body = received.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return bool(end) and len(body) >= int(line.partition(b":")[2])
    return False


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


async def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    """Poll with a deadline."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def served(config: uvicorn.Config, port: int) -> AsyncIterator[str]:
    """A uvicorn server in this loop."""
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", port))
    running = asyncio.create_task(server._serve(sockets=[listener]))
    await until(lambda: server.started or running.done())
    if running.done():
        running.result()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


def plain(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app, lifespan="off", log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=1
    )


def write_documents(folder: Path) -> None:
    for service, paths in {"catalog": CATALOG, "production": PRODUCTION, "identity": IDENTITY}.items():
        (folder / service).mkdir()
        document = {"openapi": "3.1.0", "paths": with_ids(service, paths)}
        (folder / service / "openapi.json").write_text(json.dumps(document))


def with_ids(service: str, paths: dict[str, Any]) -> dict[str, Any]:
    return {
        path: {
            method: {"operationId": f"{service}_{method}_{path}", **operation}
            for method, operation in item.items()
        }
        for path, item in paths.items()
    }


@asynccontextmanager
async def raw_server(service: RawService) -> AsyncIterator[None]:
    service.server = await asyncio.start_server(service, "127.0.0.1", 0)
    service.url = f"http://127.0.0.1:{service.server.sockets[0].getsockname()[1]}"
    try:
        yield
    finally:
        service.server.close()


def settings_for(folder: Path, port: int, **urls: Any) -> GatewaySettings:
    values: dict[str, Any] = {
        "port": port,
        "openapi_dir": folder,
        "internal_token_secret": SECRET,
        "deadline_seconds": DEADLINE,
        "connect_timeout_seconds": 0.3,
        "identity_timeout_seconds": 0.5,
        "max_body_bytes": MAX_BODY,
        "stop_deadline": 1,
        **urls,
    }
    return GatewaySettings(**values)
