"""Where pictures lie while they are worked on: a folder each, gone afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from atelier.runtime.clock import new_id

STALE = timedelta(hours=6)
"""Longer than any prediction takes: a folder of that age was left by a process that was killed."""


@dataclass(frozen=True)
class Workplace:
    """A folder of this service on the local disk; several processes may share it."""

    root: Path

    @asynccontextmanager
    async def folder(self) -> AsyncIterator[Path]:
        """An empty folder, removed with everything in it at the end."""
        folder = self.root / str(new_id())
        await asyncio.to_thread(folder.mkdir, parents=True)
        try:
            yield folder
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def clear(self) -> None:
        """Remove what killed processes left."""
        await asyncio.to_thread(self._clear)

    def _clear(self) -> None:
        oldest = time.time() - STALE.total_seconds()
        for folder in self.root.glob("*"):
            with contextlib.suppress(FileNotFoundError):  # others that start may be faster
                if folder.stat().st_mtime < oldest:
                    shutil.rmtree(folder, ignore_errors=True)
