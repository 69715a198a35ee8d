"""Production with a database of its own, and somebody who uses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from atelier.production.bootstrap import declare
from atelier.production.settings import Settings
from atelier.runtime.auth import Principal
from atelier.runtime.service import Service


@pytest.fixture(scope="module")
async def production(make_service: Any, other_services: Any) -> Service:
    """The service, its other parts at rest, with the services that it asks beside it."""
    urls = (other_services.url,)
    service: Service = await make_service(
        declare, Settings, identity_urls=urls, catalog_urls=urls, media_urls=urls, generation_urls=urls
    )
    return service


@pytest.fixture
def client(production: Service, client_for: Any) -> httpx.AsyncClient:
    """A new user's client, with nothing of theirs yet."""
    made: httpx.AsyncClient = client_for(production, Principal(user_id=uuid4()))
    return made


@pytest.fixture
def shooting() -> Callable[..., dict[str, Any]]:
    """The body of a shooting, with these fields."""

    def make(**fields: Any) -> dict[str, Any]:
        return {"name": "Spring", "due_date": "2030-03-01T09:00:00Z"} | fields

    return make
