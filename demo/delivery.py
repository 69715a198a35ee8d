"""The approved pictures as an archive."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from atelier_client import RefusedError
from atelier_client.models import ExportApprovedShotsRequest, ExportTaskPublic
from demo.api import Api
from demo.catalogue import Product
from demo.errors import DemoError
from demo.progress import Stage
from demo.shooting import Shooting

POLL = 0.3
STANDSTILL = 180.0
"""Seconds without progress after which nobody waits any longer."""
TRIES = 3
GONE = 404


async def deliver(api: Api, shooting: Shooting, products: Sequence[Product], to: Path, stage: Stage) -> None:
    """Export what is approved and write the archive to a file.

    A task is gone once its download has begun: where the answer to that got lost, it is made again.
    """
    wanted = ExportApprovedShotsRequest(
        product_ids=[product.id for product in products], shooting_id=shooting.id
    )
    for attempt in range(1, TRIES + 1):
        task = await api.exports.export_approved_shots(body=wanted, organization_id=api.organization)
        await _until_there(api, task, stage)
        try:
            await api.save(await api.exports.download_export_task(task.id), to)
        except RefusedError as refused:
            if refused.status != GONE or attempt == TRIES:
                raise
        else:
            return


async def _until_there(api: Api, task: ExportTaskPublic, stage: Stage) -> None:
    """DemoError where the task ends without an archive, or doesn't move any more."""
    moved, processed = time.monotonic(), -1
    while task.status != "COMPLETED":
        if task.status in ("FAILED", "CANCELLED"):
            raise DemoError(f"There is no archive: {task.error_message or 'the export was cancelled'}.")
        if task.processed_items != processed:
            moved, processed = time.monotonic(), task.processed_items
            stage.done(processed)
        if time.monotonic() - moved > STANDSTILL:
            raise DemoError(f"The export hasn't moved for {STANDSTILL:.0f} s: see export's log.")
        await asyncio.sleep(POLL)
        task = await api.exports.read_export_task(task.id)
    stage.done(task.total_items)
