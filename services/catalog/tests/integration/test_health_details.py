"""What a service tells the gateway about itself, and nobody else."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from atelier.runtime.auth import Principal

DETAILS = "/internal/health-details"


@pytest.mark.parametrize(
    "principal", [Principal.anonymous(), Principal(user_id=uuid4()), Principal(uuid4(), superuser=True)]
)
async def test_only_another_service_is_told(catalog: Any, client_for: Any, principal: Principal) -> None:
    assert (await client_for(catalog, principal).get(DETAILS)).status_code == 401


async def test_it_tells_what_waits_and_what_fell_out(catalog: Any, client_for: Any) -> None:
    said = (await client_for(catalog, Principal.of_service("gateway")).get(DETAILS)).json()
    assert (said["ready"], said["reason"]) == (True, None)
    assert said["version"] == "0.1.0"
    assert said["dead_letters"] == 0
    assert said["outbox"] >= 0
    assert set(said) == {
        "ready", "reason", "degraded", "version", "consumer_lag", "relay_leads",
        "outbox", "outbox_oldest_seconds", "dead_letters",
    }  # fmt: skip
