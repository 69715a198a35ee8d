"""Where catalog can't be asked: the replica serves if it has everything, else nothing is changed."""

from __future__ import annotations

from typing import Any

import pytest

from atelier.production.bootstrap import declare
from atelier.production.looks.models import Look
from atelier.production.settings import Settings


@pytest.fixture
async def lonely(production: Any, make_service: Any) -> Any:
    """Another process of the service on the same database, which reaches nobody."""
    return await make_service(declare, Settings, database_url=production.settings.database_url)


async def test_what_was_never_read_cant_be_decided_on(studio: Any, lonely: Any, client_for: Any) -> None:
    shooting = await studio.shooting()
    alone = client_for(lonely, studio.principal)
    body = {"product_ids": [str(studio.product().id)], "subject_ids": [str(studio.subject().id)]}
    answer = await alone.post(f"/api/v1/shootings/{shooting}/looks", json=body)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert await studio.count(Look, owner_id=studio.principal.user_id) == 0


async def test_what_was_read_before_can_be_used_and_shown(studio: Any, lonely: Any, client_for: Any) -> None:
    studio.user()
    shooting = await studio.shooting()
    body = {
        "product_ids": [str(studio.product().id)],
        "shot_type_ids": [str(studio.shot_type().id)],
        "subject_ids": [str(studio.subject().id)],
        "default_background_preset_id": str(studio.background().id),
        "default_resolution_preset_id": str(studio.resolution().id),
        "generate_base_images": True,
    }
    await studio.looks(shooting, **body)
    alone = client_for(lonely, studio.principal)
    answer = await alone.post(f"/api/v1/shootings/{shooting}/looks", json=body)
    assert (answer.status_code, answer.json()["total_generations_created"]) == (201, 1)
    (look,) = answer.json()["looks"]
    started = await alone.post(f"/api/v1/shootings/looks/{look['id']}/start-generations")
    assert started.status_code == 202
    assert (await alone.get(f"/api/v1/shootings/{shooting}/looks")).json()["count"] == 2
    shown = (await alone.get(f"/api/v1/shootings/looks/{look['id']}")).json()
    assert (shown["product_name"], shown["subject_name"]) == ("Dress", "Ada")
