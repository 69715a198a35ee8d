"""Rows of the runtime whose time is over: removed a bounded batch at a time."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy import text

from atelier.runtime.away import is_away
from atelier.runtime.database import Sessions

log = structlog.get_logger(__name__)

EVERY = 3600.0
BATCH = 10_000
OVER = {
    # longer than any topic keeps its events, so that a late repetition is still known
    "inbox": "handled_at < now() - interval '60 days'",
    "dead_letters": "closed_at < now() - interval '60 days'",
    "jobs": "finished_at < now() - interval '60 days'",
    "idempotency_keys": "created_at < now() - interval '25 hours'",
}


async def sweep(sessions: Sessions) -> int:
    """Remove what is over; returns how many rows that were."""
    removed = 0
    for table, over in OVER.items():
        statement = text(
            f"WITH gone AS (DELETE FROM {table} WHERE ctid = ANY(ARRAY("
            f"SELECT ctid FROM {table} WHERE {over} LIMIT {BATCH})) RETURNING 1) SELECT count(*) FROM gone"
        )
        while True:
            async with sessions.begin() as session:
                count = (await session.execute(statement)).scalar_one()
            removed += count
            if count < BATCH:
                break
    return removed


async def sweep_forever(sessions: Sessions) -> None:
    """Sweep every hour, until cancelled."""
    while True:
        await asyncio.sleep(EVERY)
        try:
            await sweep(sessions)
        except Exception as failure:
            if not is_away(failure):
                raise
            log.warning("sweep put off", error=str(failure))
