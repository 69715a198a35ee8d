"""The compositor behind the port: its work happens in processes of limited memory and time."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from atelier.contracts.enums import ErrorCategory
from atelier.generation.backends.compositor.work import Frame, Sources, UnusablePictureError, compose_here
from atelier.generation.ports import BackendError, Order
from atelier.generation.settings import Settings
from atelier.runtime.processes import LimitedProcesses, WorkKilledError, WorkTimeoutError


class Compositor:
    """Makes a real picture without any model; needs nothing but this machine."""

    tool: ClassVar[str] = "COMPOSITOR"

    def __init__(self, settings: Settings) -> None:
        self._processes = LimitedProcesses(
            workers=settings.compositor_workers,
            memory_bytes=settings.compositor_memory_bytes,
            timeout=settings.compositor_timeout.total_seconds(),
        )

    async def make(self, order: Order, to: Path) -> None:
        """Compose the picture; raises `BackendError`."""
        request = order.request
        sources = Sources(str(order.product), _text(order.subject), _text(order.background))
        frame = Frame(request.width, request.height, str(request.framing), request.file_format)
        try:
            await self._processes.run(compose_here, sources, frame, order.seed, str(to))
        except UnusablePictureError as wrong:
            raise BackendError(ErrorCategory.INVALID_INPUT, f"An input can't be used: {wrong}.") from wrong
        except WorkTimeoutError as late:
            raise BackendError(ErrorCategory.TIMEOUT, "Composing the picture took too long.") from late
        except WorkKilledError as killed:
            message = "Composing the picture took more memory than there is for it."
            raise BackendError(ErrorCategory.INTERNAL, message) from killed

    async def close(self) -> None:
        """End the processes."""
        await self._processes.close()


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
