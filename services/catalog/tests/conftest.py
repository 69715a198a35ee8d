"""Catalog with a database of its own, and somebody who uses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from atelier.catalog.bootstrap import declare
from atelier.catalog.settings import Settings
from atelier.runtime.auth import Principal
from atelier.runtime.service import Service


@pytest.fixture(scope="module")
async def catalog(make_service: Any) -> Service:
    """The service, its other parts at rest."""
    service: Service = await make_service(declare, Settings)
    return service


@pytest.fixture
def client(catalog: Service, client_for: Any) -> httpx.AsyncClient:
    """A new user's client, with nothing of theirs yet."""
    made: httpx.AsyncClient = client_for(catalog, Principal(user_id=uuid4()))
    return made


@pytest.fixture
def preset() -> Callable[..., dict[str, Any]]:
    """The body of a preset, with these fields."""

    def make(**fields: Any) -> dict[str, Any]:
        return {"name": "Portrait 4:5", "width": 1080, "height": 1350} | fields

    return make
