"""What stands around the gateway in its benchmark: a service, identity, and the textbook proxy.

Started by `uvicorn benchmarks.gateway_peers:<name>`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI, Request, Response

USER = UUID(int=7)
_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
_ROWS = [{"id": at, "title": f"look {at}", "status": "approved", "tags": ["a", "b"]} for at in range(10)]
_BODY = orjson.dumps(_ROWS)

service = FastAPI(openapi_url=None)
identity = FastAPI(openapi_url=None)


def access_token() -> str:
    """A token that the identity here vouches for."""
    now = datetime.now(UTC)
    claims = {
        "iss": "atelier",
        "aud": "atelier",
        "sub": str(USER),
        "iat": now,
        "exp": now + timedelta(hours=1),
    }
    return jwt.encode(claims, _KEY, algorithm="EdDSA", headers={"kid": "bench"})


def documents() -> dict[str, dict[str, Any]]:
    """What the gateway routes: service → OpenAPI document."""
    login: dict[str, Any] = {"security": [{"OAuth2PasswordBearer": []}]}
    operations = {"open": {}, "secured": login, "slow": {}, "scarce": {}}
    paths = {
        f"/api/v1/bench/{name}": {"get": {"operationId": name, **more}} for name, more in operations.items()
    }
    return {"catalog": {"openapi": "3.1.0", "paths": paths}, "identity": {"openapi": "3.1.0", "paths": {}}}


@service.get("/api/v1/bench/open")
@service.get("/api/v1/bench/secured")
async def empty() -> Response:
    """An empty handler: a body that is there already."""
    return Response(_BODY, media_type="application/json")


@service.get("/api/v1/bench/slow")
async def slow() -> Response:
    """A handler of 5 ms, as one that asks a database."""
    await asyncio.sleep(0.005)
    return Response(_BODY, media_type="application/json")


_HANDS = asyncio.Semaphore(8)


@service.get("/api/v1/bench/scarce")
async def scarce() -> Response:
    """80 ms of something of which there is eight at once: 100 a second at most, as with a small pool."""
    async with _HANDS:
        await asyncio.sleep(0.08)
    return Response(_BODY, media_type="application/json")


@service.get("/health/ready")
@identity.get("/health/ready")
async def ready() -> dict[str, str]:
    """Both are, always."""
    return {"status": "ok"}


@identity.get("/.well-known/jwks.json")
async def keys() -> dict[str, Any]:
    """The one key."""
    key = jwt.algorithms.OKPAlgorithm.to_jwk(_KEY.public_key(), as_dict=True)
    return {"keys": [{**key, "kid": "bench", "alg": "EdDSA"}]}


@identity.get("/internal/principals/{user_id}")
async def principal(user_id: UUID) -> dict[str, Any]:
    """A member of two organizations."""
    return {
        "user_id": str(user_id),
        "superuser": False,
        "organizations": {str(UUID(int=1)): "member", str(UUID(int=2)): "viewer"},
    }


@asynccontextmanager
async def _client(app: FastAPI) -> AsyncIterator[None]:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=64)
    async with httpx.AsyncClient(base_url=os.environ["BENCH_UPSTREAM"], limits=limits) as client:
        app.state.client = client
        yield


textbook = FastAPI(openapi_url=None, lifespan=_client)
"""The proxy that a tutorial would write, with one pooled client: the bar's 10× is against this."""


@textbook.api_route("/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
async def proxy(path: str, request: Request) -> Response:
    """Read all, send all, read all, answer all."""
    headers = {name: value for name, value in request.headers.items() if name != "host"}
    answer = await request.app.state.client.request(
        request.method, f"/{path}", params=request.query_params, content=await request.body(), headers=headers
    )
    return Response(answer.content, answer.status_code, media_type=answer.headers.get("content-type"))
