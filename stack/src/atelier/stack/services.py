"""Which services there are: adding one to the stack is adding a row here."""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Service:
    """A process `python -m <module> serve` that answers on its own port.

    `port` is where it listens outside the embedded stack, which chooses free ports instead.
    """

    name: str
    port: int
    needs_database: bool = True
    ready_path: str = "/health/ready"
    module: str = ""

    def command(self, *arguments: str) -> tuple[str, ...]:
        """The command line that runs one of the service's own commands."""
        return (sys.executable, "-m", self.module or f"atelier.{self.name}", *arguments)

    def variable(self, name: str) -> str:
        """The name of one of its own settings, `IDENTITY_PORT` for `PORT`."""
        return f"{self.name.upper()}_{name}"


GATEWAY = Service("gateway", 8000, needs_database=False, ready_path="/health")

SERVICES: tuple[Service, ...] = (
    Service("identity", 8001),
    Service("catalog", 8002),
    Service("media", 8003),
    Service("production", 8004),
    Service("generation", 8005),
    Service("export", 8006),
    GATEWAY,
)
