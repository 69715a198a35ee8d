"""Every backend there is, by the name that the setting `backend` uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from atelier.generation.backends.compositor.backend import Compositor
from atelier.generation.ports import Backend
from atelier.generation.settings import Settings

BACKENDS: Mapping[str, Callable[[Settings], Backend]] = MappingProxyType({"compositor": Compositor})


@dataclass(frozen=True)
class Backends:
    """The backends of this process: the one for new generations, and all by the tool that a row names."""

    chosen: Backend
    by_tool: Mapping[str, Backend]

    @classmethod
    def of(cls, settings: Settings) -> Backends:
        """Build them; raises `ValueError` for a setting that names none."""
        if settings.backend not in BACKENDS:
            raise ValueError(f"There is no backend {settings.backend!r}, only {', '.join(BACKENDS)}.")
        built = {name: build(settings) for name, build in BACKENDS.items()}
        return cls(built[settings.backend], {backend.tool: backend for backend in built.values()})

    async def close(self) -> None:
        """Close all of them."""
        for backend in self.by_tool.values():
            await backend.close()
