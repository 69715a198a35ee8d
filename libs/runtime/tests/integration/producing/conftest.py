"""A place for press in each test."""

from __future__ import annotations

import pytest
from pressroom import Place, open_place

from atelier.stack.testing import EmbeddedStack


@pytest.fixture
async def place(stack: EmbeddedStack) -> Place:
    """A database and topics of the test's own."""
    endpoints = stack.endpoints
    return await open_place(endpoints.postgres_admin_url, endpoints.kafka_bootstrap_servers)
