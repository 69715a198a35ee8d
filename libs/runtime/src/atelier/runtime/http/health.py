"""Is this process alive, and may it get requests? The broker's absence takes nobody out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

DEADLINE = 2.0


class Health:
    """What the probes ask. `degraded` names parts that are away without taking the service out."""

    def __init__(self, engine: AsyncEngine, heads: frozenset[str], degraded: Callable[[], list[str]]) -> None:
        self._engine = engine
        self._heads = heads
        self.degraded = degraded
        self.starting = False
        self.stopping = False

    async def problem(self) -> str | None:
        """Why this process may not get requests now, or None."""
        if self.stopping:
            return "stopping"
        try:
            async with asyncio.timeout(DEADLINE), self._engine.connect() as connection:
                rows = await connection.execute(text("SELECT version_num FROM alembic_version"))
                migrated = {row.version_num for row in rows}
        except Exception as failure:
            return f"database: {type(failure).__name__}"
        if not migrated >= self._heads:
            return "database isn't migrated: run `migrate`"
        return "starting" if self.starting else None

    async def ready(self) -> JSONResponse:
        """200 where requests are welcome, 503 with the reason where not."""
        problem = await self.problem()
        if problem:
            return JSONResponse({"status": "unavailable", "reason": problem}, 503)
        return JSONResponse({"status": "ok", "degraded": self.degraded()})


def health_router(health: Health) -> APIRouter:
    """The probes and Prometheus' metrics of this process."""
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/health/ready")
    async def ready() -> JSONResponse:
        return await health.ready()

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
