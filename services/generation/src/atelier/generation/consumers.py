"""What generation takes from other services: replicas, and facts to use cases, a table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from atelier.contracts.model import Event, State
from atelier.runtime.jobs import JobHandler
from atelier.runtime.messaging.facts import FactHandler

REPLICAS: tuple[type[State], ...] = ()


def facts(release_again_after: timedelta) -> Mapping[type[Event[Any]], FactHandler]:
    """One handler for each fact that generation acts on."""
    return {}


JOBS: Mapping[str, JobHandler] = {}
