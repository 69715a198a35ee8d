"""The gateway as a process of its own."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp


def environment(door: Any, **changes: str | None) -> dict[str, str]:
    whole: dict[str, str | None] = {
        **os.environ,
        "GATEWAY_PORT": "0",
        "GATEWAY_OPENAPI_DIR": str(door.settings.openapi_dir),
        "INTERNAL_TOKEN_SECRET": door.settings.internal_token_secret.get_secret_value(),
        "CATALOG_URLS": door.catalog.url,
        "IDENTITY_URLS": door.identity.url,
        "PRODUCTION_URLS": door.production.url,
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


async def gateway(command: str, env: dict[str, str]) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "atelier.gateway", command, env=env, stdout=pipe, stderr=pipe
    )


@asynccontextmanager
async def serving(door: Any, port: int, **changes: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await gateway("serve", environment(door, GATEWAY_PORT=str(port), **changes))
    try:
        await _ready(door, port)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _ready(door: Any, port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                async with door.http.get(f"http://127.0.0.1:{port}/docs"):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)
