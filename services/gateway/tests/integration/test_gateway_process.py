"""The process: what it says when it can't start, and how it stops."""

import asyncio
import json
import os
import re
import signal
from typing import Any

import aiohttp
import pytest
from gateway_process import environment, gateway, serving
from small_servers import free_port


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"INTERNAL_TOKEN_SECRET": None}, r"INTERNAL_TOKEN_SECRET: Field required"),
        ({"INTERNAL_TOKEN_SECRET": "short"}, r"INTERNAL_TOKEN_SECRET: .*at least 32"),
        ({"GATEWAY_PORT": "many"}, r"GATEWAY_PORT: .*integer"),
        ({"CATALOG_URLS": "127.0.0.1:8002"}, r"CATALOG_URLS: .*http://host:port"),
        ({"PRODUCTION_URLS": None}, r"where production listens; set PRODUCTION_URLS"),
        ({"GATEWAY_OPENAPI_DIR": "/nonexistent"}, r"set GATEWAY_OPENAPI_DIR"),
    ],
)
async def test_what_is_wrong_is_one_sentence(
    door: Any, changes: dict[str, str | None], sentence: str
) -> None:
    process = await gateway("serve", environment(door, **changes))
    _, errors = await process.communicate()
    assert process.returncode == 2
    assert re.fullmatch(rf"gateway: .*{sentence}.*\n", errors.decode())
    assert "short" not in errors.decode()


async def test_a_port_in_use_is_named(door: Any) -> None:
    process = await gateway("serve", environment(door, GATEWAY_PORT=str(door.port)))
    _, errors = await process.communicate()
    assert process.returncode == 2
    assert f"127.0.0.1:{door.port}" in errors.decode()
    assert "set GATEWAY_PORT" in errors.decode()


async def test_the_document_is_printed_without_other_settings(door: Any) -> None:
    only = {
        "GATEWAY_OPENAPI_DIR": str(door.settings.openapi_dir),
        "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
    }
    process = await gateway("openapi", {**only, "PATH": os.environ["PATH"]})
    printed, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    assert "/health" in json.loads(printed)["paths"]


async def test_a_stop_finishes_what_is_in_hand(door: Any, unused_port: int) -> None:
    async with serving(door, unused_port) as process, aiohttp.ClientSession() as http:
        slow = asyncio.create_task(_status(http, f"http://127.0.0.1:{unused_port}/api/v1/patient"))
        await door.until(lambda: door.catalog.in_hand == 1)
        process.send_signal(signal.SIGTERM)
        assert await slow == 200
        await _ended(process)


async def test_a_stop_waits_no_longer_than_it_may(door: Any, unused_port: int) -> None:
    async with (
        serving(door, unused_port, STOP_DEADLINE="PT1S", GATEWAY_DEADLINE_SECONDS="60") as process,
        aiohttp.ClientSession() as http,
    ):
        hanging = asyncio.create_task(_status(http, f"http://127.0.0.1:{unused_port}/api/v1/hang"))
        await door.until(lambda: door.catalog.in_hand == 1)
        process.send_signal(signal.SIGTERM)
        await _ended(process)
        assert await hanging == 503


async def test_metrics_and_log_lines_name_the_operation(door: Any, unused_port: int) -> None:
    metrics_port = str(free_port())
    async with serving(door, unused_port, GATEWAY_METRICS_PORT=metrics_port) as process:
        url = f"http://127.0.0.1:{unused_port}"
        async with door.http.get(f"{url}/api/v1/things/7", headers=door.bearer()) as response:
            assert response.status == 200
        async with door.http.get(f"http://127.0.0.1:{metrics_port}/metrics") as response:
            labels = 'method="GET",route="/api/v1/things/{id}",service="catalog",status="200"'
            assert f"gateway_request_seconds_count{{{labels}}} 1.0" in await response.text()
        async with door.http.get(f"{url}/metrics") as response:
            assert response.status == 404
        process.terminate()
        _, errors = await process.communicate()
    lines = [json.loads(line) for line in errors.decode().splitlines()]
    line = next(line for line in lines if line.get("route") == "/api/v1/things/{id}")
    assert line["status"] == 200
    assert {"request_id", "trace_id", "user_id", "ms", "upstream_ms", "timestamp", "level"} <= set(line)


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Within 10 s, by the signal or cleanly."""
    async with asyncio.timeout(10):
        await process.wait()
    assert process.returncode in (0, -signal.SIGTERM)


async def _status(http: aiohttp.ClientSession, url: str) -> int:
    async with http.get(url) as response:
        await response.read()
        return response.status


@pytest.fixture(name="unused_port")
def _unused_port() -> int:
    return free_port()
