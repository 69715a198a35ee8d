"""`/internal/health-details`: what this process says about itself to the gateway's `/health/services`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from atelier.runtime.away import is_away
from atelier.runtime.errors import NotAuthenticatedError
from atelier.runtime.http.health import DEADLINE, Health
from atelier.runtime.http.route import principal_of

COUNTS = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT 10000) AS waiting) AS outbox,
       (SELECT extract(epoch FROM clock_timestamp() - created_at)::float8
        FROM outbox ORDER BY id LIMIT 1) AS outbox_oldest_seconds,
       (SELECT count(*) FROM dead_letters WHERE closed_at IS NULL) AS dead_letters
"""
NOTHING = {"outbox": None, "outbox_oldest_seconds": None, "dead_letters": None}


class HealthDetails:
    """`lag` tells records behind by consumer group, of the partitions that this process reads;
    `leads` whether its relay leads, None without one."""

    def __init__(
        self,
        service: str,
        engine: AsyncEngine,
        health: Health,
        lag: Callable[[], dict[str, int]],
        leads: Callable[[], bool | None],
    ) -> None:
        self._version = _version_of(service)
        self._engine = engine
        self._health = health
        self._lag = lag
        self._leads = leads

    async def tell(self) -> dict[str, Any]:
        """Everything, also while the database is away: then without its counts."""
        problem = await self._health.problem()
        return {
            "ready": problem is None,
            "reason": problem,
            "degraded": self._health.degraded(),
            "version": self._version,
            "consumer_lag": self._lag(),
            "relay_leads": self._leads(),
            **await self._counts(),
        }

    async def _counts(self) -> dict[str, Any]:
        try:
            async with asyncio.timeout(DEADLINE), self._engine.connect() as connection:
                return dict((await connection.execute(text(COUNTS))).one()._mapping)
        except Exception as failure:
            if not is_away(failure):
                raise
            return NOTHING


def health_details_router(details: HealthDetails) -> APIRouter:
    """Asked by other services with their internal token; 401 for anybody else."""
    router = APIRouter(prefix="/internal", include_in_schema=False)

    @router.get("/health-details")
    async def health_details(request: Request) -> dict[str, Any]:
        if principal_of(request).service is None:
            raise NotAuthenticatedError("Health details need a service's internal token.")
        return await details.tell()

    return router


def _version_of(service: str) -> str | None:
    try:
        return version(f"atelier-{service}")
    except PackageNotFoundError:
        return None
