"""The gateway against the service asked directly, against nginx, and against FastAPI with a pooled httpx.

Where nginx isn't installed (`apt-get install nginx-light`) its rows are left out, and that is said.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from benchmarks.gateway_peers import access_token, documents
from benchmarks.harness import Contender, Measure, Row, Sample, compare, cpu_seconds

CONNECTIONS = 16
SECONDS = 1.5
_START_SECONDS = 30
_NGINX = """
daemon off;
master_process off;
pid {folder}/pid;
error_log stderr error;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder};
    proxy_temp_path {folder};
    fastcgi_temp_path {folder};
    uwsgi_temp_path {folder};
    scgi_temp_path {folder};
    upstream service {{ server {upstream}; keepalive 64; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://service; proxy_http_version 1.1; proxy_set_header Connection ""; }}
    }}
}}
"""
"""As a proxy that an operator would write, without a log: one process, connections kept."""


@dataclass(frozen=True, slots=True)
class Server:
    """A process that answers at `url`."""

    pid: int
    url: str


async def run() -> list[Row]:
    """Rows for an empty handler (open and with login) and one of 5 ms."""
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(served_by_uvicorn("service"))
        identity = await stack.enter_async_context(served_by_uvicorn("identity"))
        gateway = await stack.enter_async_context(served_by_gateway(service.url, identity.url))
        textbook = await stack.enter_async_context(served_by_uvicorn("textbook", BENCH_UPSTREAM=service.url))
        others = {"FastAPI + pooled httpx": textbook}
        if program := _nginx_program():
            others["nginx"] = await stack.enter_async_context(_nginx(program, service.url))
        await _check_bodies([service, gateway, *others.values()])
        return [
            *await _compare(service, gateway, others, "open", 0.70),
            *await _compare(service, gateway, {}, "secured", 0.55),
            *await _compare(service, gateway, {}, "slow", 0.95),
        ]


async def _compare(
    service: Server, gateway: Server, others: Mapping[str, Server], path: str, bar: float
) -> list[Row]:
    contenders = [Contender("gateway", _load(gateway, path), bar)]
    contenders += [Contender(name, _load(server, path)) for name, server in others.items()]
    rows = await compare(
        f"gateway: {path}", Contender("direct", _load(service, path)), contenders, unit="req/s"
    )
    return [*rows, *(_against_textbook(rows) if others else [])]


def _against_textbook(rows: Sequence[Row]) -> list[Row]:
    """How many times the textbook's throughput the gateway has."""
    mine, theirs = rows[1], rows[2]
    times = mine.ratio / theirs.ratio
    return [
        Row(
            mine.benchmark,
            "gateway against FastAPI + httpx",
            mine.value,
            "req/s",
            times,
            times,
            times,
            bar=10,
        )
    ]


def _load(server: Server, path: str) -> Measure:
    url = f"{server.url}/api/v1/bench/{path}"
    header = f"Authorization: Bearer {access_token()}"

    async def measure() -> Sample:
        before = cpu_seconds([server.pid])
        done = await _generate(url, header)
        return Sample(
            done["requests"] / done["seconds"], int(done["requests"]), cpu_seconds([server.pid]) - before
        )

    return measure


async def _generate(url: str, header: str) -> Mapping[str, float]:
    """Load from a process of its own; every answer has to be 200."""
    command = ["-m", "benchmarks.http_load", url, str(CONNECTIONS), str(SECONDS), header]
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    done: dict[str, float] = json.loads(output)
    assert done["errors"] == 0, f"{done['errors']} of {done['requests']} answers of {url} weren't 200"
    return done


async def _check_bodies(servers: Sequence[Server]) -> None:
    headers = {"Authorization": f"Bearer {access_token()}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        for path in ("open", "secured", "slow"):
            bodies = set()
            for server in servers:
                async with session.get(f"{server.url}/api/v1/bench/{path}") as answer:
                    assert answer.status == 200, f"{server.url} answers {answer.status} on {path}"
                    bodies.add(await answer.read())
            assert len(bodies) == 1, f"the bodies of {path} differ"


@asynccontextmanager
async def served_by_uvicorn(app: str, **environment: str) -> AsyncIterator[Server]:
    port = _free_port()
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        f"benchmarks.gateway_peers:{app}",
        "--port",
        str(port),
        "--no-access-log",
    ]
    options = ["--loop", "uvloop", "--http", "httptools", "--log-level", "warning"]
    ready = "/api/v1/bench/open" if app == "textbook" else "/health/ready"
    async with _process([*command, *options], environment, port, ready) as server:
        yield server


def _nginx_program() -> str | None:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        sys.stderr.write("nginx isn't installed (apt-get install nginx-light): its row is left out\n")
    return program


@asynccontextmanager
async def _nginx(program: str, upstream: str) -> AsyncIterator[Server]:
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        configuration = Path(folder) / "nginx.conf"
        address = upstream.removeprefix("http://")
        configuration.write_text(_NGINX.format(folder=folder, port=port, upstream=address))
        command = [program, "-p", folder, "-c", str(configuration)]
        async with _process(command, {}, port, "/health/ready") as server:
            yield server


@asynccontextmanager
async def served_by_gateway(service_url: str, identity_url: str, **settings: str) -> AsyncIterator[Server]:
    """With its log, metrics, tokens: all on."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        _write_documents(Path(folder))
        environment = {
            "GATEWAY_PORT": str(port),
            "GATEWAY_METRICS_PORT": str(_free_port()),
            "GATEWAY_OPENAPI_DIR": folder,
            "INTERNAL_TOKEN_SECRET": secrets.token_hex(32),
            "IDENTITY_URLS": identity_url,
            "CATALOG_URLS": service_url,
            **settings,
        }
        command = [sys.executable, "-m", "atelier.gateway", "serve"]
        async with _process(command, environment, port, "/health") as server:
            yield server


def _write_documents(folder: Path) -> None:
    for name, document in documents().items():
        (folder / name).mkdir()
        (folder / name / "openapi.json").write_text(json.dumps(document))


@asynccontextmanager
async def _process(
    command: Sequence[str], environment: Mapping[str, str], port: int, ready: str
) -> AsyncIterator[Server]:
    with tempfile.TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            *command, env={**os.environ, **environment}, stdout=log, stderr=log
        )
        try:
            url = f"http://127.0.0.1:{port}"
            await _until_ready(url + ready)
            yield Server(process.pid, url)
        finally:
            process.terminate()
            await process.wait()


async def _until_ready(url: str) -> None:
    async with asyncio.timeout(_START_SECONDS), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(url) as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.05)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
