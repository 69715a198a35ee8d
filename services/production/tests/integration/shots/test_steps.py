"""Every step that a shot can or can't make, by whoever moves it, over HTTP and by fact."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from atelier.contracts.enums import ShotStatus
from atelier.production.shots import use_cases
from atelier.production.shots.transitions import STEPS, VERDICTS, Mover, rejected
from atelier.runtime.request_context import Cause

SHOTS = "/api/v1/shots/"
STATUSES = [status.value for status in ShotStatus]
PAIRS = [(at, to) for at in STATUSES for to in STATUSES]


def allowed(at: str, to: str, mover: Mover) -> bool:
    """What the table says."""
    return mover in STEPS[ShotStatus(at)].get(ShotStatus(to), ())


def verdict_in(status: str) -> str:
    """What a status says of the current revision."""
    return str(VERDICTS.get(ShotStatus(status), "PENDING"))


@pytest.mark.parametrize(("at", "to"), PAIRS)
async def test_a_revision_makes_its_steps_or_keeps_the_status(
    studio: Any, revision: Any, at: str, to: str
) -> None:
    id_ = await studio.shot()
    await studio.put_at(id_, at)
    answer = await studio.client.post(f"{SHOTS}{id_}/revision", json=revision(to))
    shot = await studio.read(id_)
    told = [type(event).__name__ for event in await studio.told(id_)]
    if at != to and not allowed(at, to, Mover.REVISION):
        assert answer.status_code == 409
        assert all(step in answer.json()["detail"] for step in STEPS[ShotStatus(at)])
        assert (shot["status"], shot["revisions"], told) == (at, [], ["ShotCreated"])
        return
    assert answer.status_code == 201
    assert (shot["status"], shot["current_revision_id"]) == (to, answer.json()["id"])
    assert shot["revisions"] == [answer.json()]
    assert (answer.json()["shot_status"], answer.json()["shot_revision_status"]) == (to, verdict_in(to))
    judged = {"APPROVED": ["ShotRevisionApproved"], "REJECTED": ["ShotRevisionRejected"], "PENDING": []}
    moved = ["ShotStatusChanged"] if at != to else []
    assert told == ["ShotCreated", "ShotRevisionCreated", *judged[verdict_in(to)], *moved]


@pytest.mark.parametrize("at", STATUSES)
async def test_approve_makes_its_steps(studio: Any, at: str) -> None:
    id_ = await studio.shot()
    await studio.revise(id_, "REVIEW")
    await studio.put_at(id_, at)
    answer = await studio.client.post(f"{SHOTS}{id_}/approve")
    if not allowed(at, "APPROVED", Mover.APPROVE):
        assert answer.status_code == 409
        assert (await studio.read(id_))["status"] == at
        return
    assert answer.status_code == 200
    assert answer.json() == await studio.read(id_)
    assert answer.json()["status"] == "APPROVED"
    assert answer.json()["revisions"][0]["shot_revision_status"] == "APPROVED"
    approved, changed = (await studio.told(id_))[-2:]
    assert [type(event).__name__ for event in (approved, changed)] == [
        "ShotRevisionApproved",
        "ShotStatusChanged",
    ]
    assert approved.revision_id == UUID(answer.json()["current_revision_id"])
    assert changed.previous_status == at
    assert approved.state == changed.state
    assert changed.state.status == "APPROVED"


@pytest.mark.parametrize("at", STATUSES)
async def test_reject_makes_its_steps(studio: Any, at: str) -> None:
    id_ = await studio.shot()
    await studio.revise(id_, "REVIEW")
    await studio.put_at(id_, at)
    to = rejected(at)
    answer = await studio.client.post(f"{SHOTS}{id_}/reject")
    if not allowed(at, to, Mover.REJECT):
        assert answer.status_code == 409
        assert (await studio.read(id_))["status"] == at
        return
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.headers["etag"]) == (to, '"5"')
    assert answer.json()["revisions"][0]["shot_revision_status"] == "REJECTED"
    assert [type(event).__name__ for event in await studio.told(id_)][3:] == [
        "ShotRevisionRejected",
        "ShotStatusChanged",
    ]


@pytest.mark.parametrize("at", STATUSES)
async def test_a_result_moves_only_shots_that_wait_for_one(studio: Any, at: str) -> None:
    id_ = await studio.shot()
    await studio.put_at(id_, at)
    async with studio.service.units.begin(Cause(correlation_id="test")) as uow:
        await use_cases.propose(uow, id_)
        await uow.commit()
    moved = allowed(at, "PROPOSAL", Mover.RESULT)
    assert (await studio.read(id_))["status"] == ("PROPOSAL" if moved else at)
    assert len(await studio.told(id_)) == (2 if moved else 1)


@pytest.mark.parametrize("at", ["PROPOSAL", "REVIEW", "POST_PROD"])
async def test_nothing_is_approved_without_a_picture(studio: Any, at: str) -> None:
    without_revision, without_image = await studio.shot(), await studio.shot()
    await studio.revise(without_image, "REVIEW", images=[], notes="A longer sleeve, please.")
    for id_ in (without_revision, without_image):
        await studio.put_at(id_, at)
        answer = await studio.client.post(f"{SHOTS}{id_}/approve")
        assert answer.status_code == 409
        assert "picture" in answer.json()["detail"]
        assert (await studio.read(id_))["status"] == at


async def test_a_revision_without_a_picture_approves_nothing(studio: Any, revision: Any) -> None:
    id_ = await studio.shot()
    await studio.put_at(id_, "PROPOSAL")
    answer = await studio.client.post(f"{SHOTS}{id_}/revision", json=revision("APPROVED", images=[]))
    assert (answer.status_code, (await studio.read(id_))["revisions"]) == (409, [])


async def test_a_shot_without_a_revision_can_be_rejected(studio: Any) -> None:
    id_ = await studio.shot()
    await studio.put_at(id_, "PROPOSAL")
    answer = await studio.client.post(f"{SHOTS}{id_}/reject")
    assert (answer.status_code, answer.json()["status"]) == (200, "REJECTED")
    assert [type(event).__name__ for event in await studio.told(id_)][1:] == ["ShotStatusChanged"]


async def test_a_rework_keeps_the_verdict_on_what_was_approved(studio: Any) -> None:
    id_ = await studio.shot()
    await studio.revise(id_, "REVIEW")
    await studio.client.post(f"{SHOTS}{id_}/approve")
    second = await studio.revise(id_, "REVIEW")
    shot = await studio.read(id_)
    assert [one["shot_revision_status"] for one in shot["revisions"]] == ["APPROVED", "PENDING"]
    assert (shot["status"], shot["current_revision_id"]) == ("REVIEW", second["id"])
    assert (shot["rework_used"], shot["rework_available"]) == (0, 0)


async def test_steps_are_counted_in_the_look_and_the_shooting(studio: Any) -> None:
    first, second = await studio.plan([studio.a_shot_type(), studio.a_shot_type()])
    shootings = studio.client
    for id_, expected in ((first, "PENDING"), (second, "REVIEW")):
        await studio.revise(id_, "REVIEW")
        (shooting,) = (await shootings.get("/api/v1/shootings/")).json()["data"]
        assert (shooting["status"], shooting["shot_status"]) == (expected, expected)
    for id_, expected in ((first, "REVIEW"), (second, "APPROVED")):
        await studio.client.post(f"{SHOTS}{id_}/approve")
        (shooting,) = (await shootings.get("/api/v1/shootings/")).json()["data"]
        assert (shooting["status"], shooting["shot_status"]) == (expected, expected)


async def test_a_change_has_the_time_of_its_making(studio: Any) -> None:
    id_ = await studio.shot()
    await studio.put_at(id_, "PROPOSAL")
    before = datetime.now(UTC)
    answer = (await studio.client.post(f"{SHOTS}{id_}/reject")).json()
    assert before <= datetime.fromisoformat(answer["updated_at"]) <= datetime.now(UTC)
    assert datetime.fromisoformat(answer["created_at"]) < before
