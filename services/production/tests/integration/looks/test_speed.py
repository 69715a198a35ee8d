"""How long the large requests take on real parts. The bars have room for a busy machine."""

from __future__ import annotations

import time
from typing import Any
from uuid import UUID

from atelier.production.shots.models import Shot

BAR = 5.0
"""Seconds for 200 looks with 4 shots each."""


async def test_two_hundred_looks_of_four_shots_take_less_than_five_seconds(studio: Any) -> None:
    names = ("front_full_body", "back_full_body", "front_upper_body", "front_close_up")
    shot_types = [studio.shot_type(name) for name in names]
    products, subjects = [studio.product() for _ in range(50)], [studio.subject() for _ in range(4)]
    body = {
        "product_ids": products,
        "subject_ids": subjects,
        "shot_type_ids": shot_types,
        "default_background_preset_id": studio.background(),
        "generate_base_images": True,
    }
    seconds = min([await once(studio, body) for _ in range(2)])
    assert seconds < BAR


async def once(studio: Any, body: dict[str, Any]) -> float:
    """Make them in a new shooting; the seconds that it took."""
    shooting = await studio.shooting()
    started = time.perf_counter()
    answer = await studio.ask(shooting, **body)
    seconds = time.perf_counter() - started
    assert answer.status_code == 201, answer.text
    made = answer.json()
    print(f"\n200 looks, 800 shots, {made['total_generations_created']} generations: {seconds:.2f} s")
    assert (len(made["looks"]), made["total_generations_created"]) == (200, 800)
    assert await studio.count(Shot, shooting_id=UUID(shooting)) == 800
    return seconds
