"""Computed statuses: kept with every change, always what counting everything anew would say."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from atelier.contracts.enums import ShotStatus
from atelier.production import statuses
from atelier.production.locks import lock_shot
from atelier.production.looks.models import Look
from atelier.production.shots.models import Shot
from atelier.runtime.request_context import Cause

SHOOTINGS = "/api/v1/shootings/"
ORDER = ["DRAFT", "READY", *ShotStatus]
"""From least to most advanced, as the pages have it."""
SHOTS = st.lists(st.sampled_from(list(ShotStatus)), max_size=3)
LOOKS = st.lists(st.tuples(st.sampled_from(["DRAFT", "READY"]), SHOTS), max_size=4)
DELETE = "delete a look"
STEPS = st.lists(st.tuples(st.integers(0, 11), st.sampled_from([*ShotStatus, DELETE])), max_size=6)


def least(found: list[str]) -> str | None:
    return min(found, key=ORDER.index, default=None)


def of_look(own: str, shots: list[str]) -> str:
    return own if own == "DRAFT" else least(shots) or "READY"


async def naively(studio: Any, shooting: str) -> dict[str, Any]:
    """The statuses as the rules say them, over every row."""
    async with studio.service.sessions() as session:
        looks = (await session.execute(select(Look).where(Look.shooting_id == UUID(shooting)))).scalars()
        by_look = {look.id: (look.status, []) for look in looks}
        shots = await session.execute(
            select(Shot.look_id, Shot.status).where(Shot.shooting_id == UUID(shooting))
        )
        for look_id, status in shots:
            by_look[look_id][1].append(status)
    return {
        "status": least([of_look(own, shots) for own, shots in by_look.values()]) or "WITHOUT_STATUS",
        "shot_status": least([status for _, shots in by_look.values() for status in shots]),
        "looks": {str(id_): least(shots) for id_, (_, shots) in by_look.items()},
    }


async def kept(studio: Any, shooting: str) -> dict[str, Any]:
    """The statuses as they are shown."""
    read = await studio.read(shooting)
    return {
        "status": read["status"],
        "shot_status": read["shot_status"],
        "looks": {look["id"]: look["shot_status"] for look in read["looks"]},
    }


async def move(studio: Any, shot_id: str, status: str) -> None:
    """Give a shot a status as its operations do: under the locks, then recounted."""
    async with studio.service.units.begin(Cause(correlation_id="test")) as uow:
        found = await lock_shot(uow, UUID(shot_id))
        assert found is not None
        shooting, look, shot = found
        shot.status = status
        await statuses.recount(uow, shooting, look)
        await uow.commit()


async def add(studio: Any, shooting: str, own: str, shots: list[ShotStatus]) -> dict[str, Any]:
    """A look with shots of these statuses."""
    shot_types = [studio.shot_type(f"front_{n}") for n in range(len(shots))]
    (look,) = await studio.looks(
        shooting,
        product_ids=[studio.product()],
        subject_ids=[studio.subject()],
        shot_type_ids=shot_types,
        status=own,
    )
    for shot, status in zip(look["shots"], shots, strict=True):
        await move(studio, shot["id"], status)
    return look


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(wanted=LOOKS, steps=STEPS)
async def test_what_is_kept_is_what_counting_anew_says(
    studio: Any, wanted: list[tuple[str, list[ShotStatus]]], steps: list[tuple[int, str]]
) -> None:
    shooting = await studio.shooting()
    looks = [await add(studio, shooting, own, shots) for own, shots in wanted]
    assert await kept(studio, shooting) == await naively(studio, shooting)
    for place, step in steps:
        if looks and step == DELETE:
            gone = looks.pop(place % len(looks))
            assert (await studio.client.delete(f"{SHOOTINGS}{shooting}/looks/{gone['id']}")).is_success
        elif shots := [shot["id"] for look in looks for shot in look["shots"]]:
            await move(studio, shots[place % len(shots)], step)
        assert await kept(studio, shooting) == await naively(studio, shooting)


async def test_changes_at_once_leave_what_counting_anew_says(studio: Any) -> None:
    shooting = await studio.shooting()
    looks = [await add(studio, shooting, "READY", [ShotStatus.PENDING] * 3) for _ in range(4)]
    shots = [shot["id"] for look in looks[:3] for shot in look["shots"]]
    await asyncio.gather(
        *(move(studio, shot, status) for shot in shots for status in ("REVIEW", "APPROVED")),
        studio.client.delete(f"{SHOOTINGS}{shooting}/looks/{looks[3]['id']}"),
        studio.looks(shooting, product_ids=[studio.product()], subject_ids=[studio.subject()]),
    )
    shown = await kept(studio, shooting)
    assert shown == await naively(studio, shooting)
    assert (shown["status"], len(shown["looks"])) == ("READY", 4)


async def test_a_status_that_is_counted_is_told_of_by_nothing(studio: Any) -> None:
    shooting = await studio.shooting()
    look = await add(studio, shooting, "READY", [ShotStatus.PENDING])
    before = await studio.read(shooting)
    await move(studio, look["shots"][0]["id"], "APPROVED")
    after = await studio.read(shooting)
    assert (after["status"], after["looks"][0]["shot_status"]) == ("APPROVED", "APPROVED")
    assert (after["updated_at"], after["looks"][0]["updated_at"]) == (
        before["updated_at"],
        look["updated_at"],
    )
    assert [len(await studio.told(id_)) for id_ in (shooting, look["id"])] == [1, 1]
