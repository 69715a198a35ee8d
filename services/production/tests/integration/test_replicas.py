"""What production keeps of others: filled once from their owners, and used where these are away."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from atelier.contracts.resolution_presets import ResolutionPresetState
from atelier.contracts.users import UserState
from atelier.production.bootstrap import declare
from atelier.production.consumers import REPLICAS
from atelier.production.settings import Settings
from atelier.runtime import replicas
from atelier.runtime.auth import Principal
from atelier.runtime.filling import ask_for_fill
from atelier.runtime.service import FILL
from atelier.runtime.tables import JobRow

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def user(other_services: Any) -> UserState:
    """A user that identity owns."""
    state = UserState(id=uuid4(), created_at=NOW, updated_at=NOW, email="somebody@example.com")
    other_services.own(state)
    return state


async def test_the_first_start_fills_each_replica_and_the_next_asks_for_nothing(
    production: Any, other_services: Any, user: UserState
) -> None:
    preset = ResolutionPresetState(id=uuid4(), created_at=NOW, updated_at=NOW, name="S", width=1, height=1)
    other_services.own(preset, version=7)
    await ask_for_fill(production.units, FILL, production.declaration.replicas)
    worker = asyncio.create_task(production.worker.run())
    await _until_filled(production)
    await ask_for_fill(production.units, FILL, production.declaration.replicas)
    await production.worker.stop()
    await worker
    async with production.sessions() as session:
        assert await replicas.find(session, UserState, [user.id]) == {user.id: user}
        known = await replicas.known(session, "resolution-presets", None, 10_000)
        assert known[preset.id] == replicas.Known(version=7, deleted=False)
        jobs = select(func.count()).select_from(JobRow)
        assert (await session.execute(jobs)).scalar_one() == len(REPLICAS)


async def _until_filled(production: Any) -> None:
    unfinished = select(func.count()).select_from(JobRow).where(JobRow.finished_at.is_(None))
    async with asyncio.timeout(20), production.sessions() as session:
        while (await session.execute(unfinished)).scalar_one():
            await session.rollback()
            await asyncio.sleep(0.02)


async def test_an_owner_that_was_read_once_is_known_where_identity_is_away(
    production: Any, make_service: Any, client_for: Any, user: UserState, shooting: Any
) -> None:
    administrator, body = Principal(user_id=uuid4(), superuser=True), shooting(owner_id=str(user.id))
    url = production.settings.database_url
    lonely = client_for(await make_service(declare, Settings, database_url=url), administrator)
    never_read = await lonely.post("/api/v1/shootings/", json=shooting(owner_id=str(uuid4())))
    assert never_read.status_code == 503
    assert (
        await client_for(production, administrator).post("/api/v1/shootings/", json=body)
    ).status_code == 201
    answer = await lonely.post("/api/v1/shootings/", json=body)
    assert (answer.status_code, answer.json()["owner_id"]) == (201, str(user.id))
