"""`GenerationCompleted`, as it comes from the broker: once, twice, late, out of order, for what is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from atelier.contracts.envelope import Envelope
from atelier.contracts.generation_requests import GenerationRequest
from atelier.contracts.generations import GenerationCompleted, GenerationState
from atelier.production.shots import use_cases
from atelier.runtime.clock import new_id
from atelier.runtime.messaging.facts import FactGroup
from atelier.runtime.request_context import Cause
from atelier.runtime.tables import DeadLetterRow

SHOTS = "/api/v1/shots/"


@dataclass(frozen=True)
class Record:
    """A record as Kafka gives it."""

    topic: str
    key: bytes
    value: bytes
    headers: Sequence[tuple[str, bytes | None]]
    partition: int = 0
    offset: int = 0


def completed(studio: Any, shot_id: UUID, version: int = 4) -> Record:
    """The record that tells that a generation of a shot has completed."""
    now = datetime.now(UTC)
    request = GenerationRequest(
        id=new_id(),
        owner_id=studio.photographer.user_id,
        shooting_id=uuid4(),
        look_id=uuid4(),
        shot_id=shot_id,
        product_id=studio.product.id,
        subject_id=studio.subject.id,
        shot_type_id=uuid4(),
        shot_type_name="front",
        framing="full_body",
        view_angle="front",
        seed=1,
        width=600,
        height=800,
        product_image=studio.others.media.keep(studio.photographer.user_id),
    )
    state = GenerationState(
        id=request.id,
        owner_id=request.owner_id,
        created_at=now,
        updated_at=now,
        request=request,
        status="COMPLETED",
    )
    envelope = Envelope(
        id=new_id(),
        type="GenerationCompleted",
        source="/generation",
        subject=state.id,
        time=now,
        dataschema=GenerationCompleted.dataschema(),
        aggregate_version=version,
        correlation_id="request-1",
    )
    headers = [(name, value.encode()) for name, value in envelope.to_headers().items()]
    body = GenerationCompleted(state=state).model_dump_json().encode()
    return Record("generation.generations.v1", str(state.id).encode(), body, headers)


async def take(studio: Any, *records: Record) -> None:
    """Hand records to the group of facts, as its subscription does."""
    (group,) = [group for group in studio.service.groups if isinstance(group, FactGroup)]
    await group.handle(records)
    async with studio.service.sessions() as session:
        letters = select(func.count()).select_from(DeadLetterRow)
        assert (await session.execute(letters)).scalar_one() == 0


async def test_a_result_makes_a_proposal_and_tells_why(studio: Any) -> None:
    id_ = await studio.shot()
    record = completed(studio, id_)
    await take(studio, record)
    assert (await studio.read(id_))["status"] == "PROPOSAL"
    changed = (await studio.told(id_))[-1]
    assert (type(changed).__name__, changed.previous_status) == ("ShotStatusChanged", "PENDING")
    (shooting,) = (await studio.client.get("/api/v1/shootings/")).json()["data"]
    assert (shooting["status"], shooting["shot_status"]) == ("PROPOSAL", "PROPOSAL")


async def test_a_repeated_result_has_no_effect(studio: Any) -> None:
    id_ = await studio.shot()
    record = completed(studio, id_)
    await take(studio, record, record)
    await studio.client.post(f"{SHOTS}{id_}/reject")
    await take(studio, record)
    assert (await studio.read(id_))["status"] == "REJECTED"
    assert len(await studio.told(id_)) == 3


async def test_another_result_proposes_a_rejected_shot_again(studio: Any) -> None:
    id_ = await studio.shot()
    await take(studio, completed(studio, id_))
    await studio.client.post(f"{SHOTS}{id_}/reject")
    await take(studio, completed(studio, id_))
    assert (await studio.read(id_))["status"] == "PROPOSAL"


@pytest.mark.parametrize("status", ["REVIEW", "POST_PROD", "APPROVED"])
async def test_a_late_result_takes_nothing_back(studio: Any, status: str) -> None:
    id_ = await studio.shot()
    await studio.revise(id_, "REVIEW")
    if status != "REVIEW":
        await studio.revise(id_, status)
    before = await studio.told(id_)
    await take(studio, completed(studio, id_))
    assert (await studio.read(id_))["status"] == status
    assert await studio.told(id_) == before


async def test_results_in_any_order_make_one_proposal(studio: Any) -> None:
    id_ = await studio.shot()
    later, earlier = completed(studio, id_, version=9), completed(studio, id_, version=2)
    await take(studio, later, earlier)
    assert (await studio.read(id_))["status"] == "PROPOSAL"
    assert len(await studio.told(id_)) == 2


async def test_a_result_for_a_shot_that_is_gone_has_no_effect(studio: Any) -> None:
    id_ = await studio.shot()
    look = UUID((await studio.read(id_))["shooting_look_id"])
    async with studio.service.units.begin(Cause(correlation_id="test")) as uow:
        await use_cases.delete_of_looks(uow, [look])
        await uow.commit()
    await take(studio, completed(studio, id_), completed(studio, uuid4()))
    assert len(await studio.told(id_)) == 2


async def test_a_result_and_an_author_at_once_lose_nothing(studio: Any) -> None:
    id_ = await studio.shot()
    author, _ = await asyncio.gather(studio.revise(id_, "REVIEW"), take(studio, completed(studio, id_)))
    shot = await studio.read(id_)
    assert (shot["status"], [one["id"] for one in shot["revisions"]]) == ("REVIEW", [author["id"]])
    statuses = [event.state.status for event in await studio.told(id_)]
    assert statuses[-1] == "REVIEW"
