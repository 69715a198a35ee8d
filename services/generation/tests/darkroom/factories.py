"""Requests, facts and backends for tests of generation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pyvips

from atelier.contracts.envelope import Envelope
from atelier.contracts.generation_requests import GenerationRequest
from atelier.contracts.media import StoredMedia
from atelier.contracts.model import Event
from atelier.contracts.products import ProductState
from atelier.contracts.shots import GenerationRequested, ShotState
from atelier.contracts.topics import TOPICS, Topics
from atelier.generation.ports import Order
from atelier.runtime.clock import new_id

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Record:
    """A record as Kafka gives it."""

    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes | None]]
    partition: int = 0
    offset: int = 0


def record_of(event: Event[Any], version: int = 1) -> Record:
    """A fact as the relay of its owner sends it, with an id of its own."""
    topic, state = Topics(TOPICS).of_event(type(event)), event.state
    envelope = Envelope(
        id=new_id(),
        type=type(event).__name__,
        source=f"/{topic.owner}",
        subject=state.id,
        time=datetime.now(UTC),
        dataschema=event.dataschema(),
        aggregate_version=version,
        correlation_id="request-1",
    )
    headers = [(name, value.encode()) for name, value in envelope.to_headers().items()]
    return Record(topic.name, str(state.id).encode(), event.model_dump_json().encode(), headers)


def request_of(product_image: StoredMedia, **fields: Any) -> GenerationRequest:
    """What production asks for: one picture of somebody's personal product, unless said otherwise."""
    values: dict[str, Any] = {
        "id": new_id(),
        "owner_id": uuid4(),
        "shooting_id": uuid4(),
        "look_id": uuid4(),
        "shot_id": uuid4(),
        "product_id": uuid4(),
        "subject_id": uuid4(),
        "shot_type_id": uuid4(),
        "shot_type_name": "front_full_body",
        "framing": "full_body",
        "view_angle": "front",
        "seed": 7,
        "width": 160,
        "height": 240,
        "product_image": product_image,
    }
    return GenerationRequest.model_validate(values | fields)


def shot_of(request: GenerationRequest) -> ShotState:
    """The shot that a request is for."""
    return ShotState(
        id=request.shot_id,
        owner_id=request.owner_id,
        organization_id=request.organization_id,
        created_at=NOW,
        updated_at=NOW,
        shooting_id=request.shooting_id,
        look_id=request.look_id,
        product_id=request.product_id,
        subject_id=request.subject_id,
        shot_type_id=request.shot_type_id,
        status="PENDING",
    )


def requested(request: GenerationRequest) -> GenerationRequested:
    """The fact that asks for it."""
    return GenerationRequested(state=shot_of(request), request=request)


def product_of(id_: UUID, **fields: Any) -> ProductState:
    """A product of catalog's."""
    values: dict[str, Any] = {"owner_id": uuid4(), "created_at": NOW, "updated_at": NOW}
    return ProductState(id=id_, name="Tee", gender="UNISEX", **values | fields)


@dataclass
class FakeBackend:
    """Makes a small picture of its own for each order, unless a test told it to do something else."""

    tool: ClassVar[str] = "COMPOSITOR"

    orders: list[Order] = field(default_factory=list)
    """Every order that came, also those that failed: the ledger of its calls."""
    instead: list[Callable[[Order], Any] | Exception] = field(default_factory=list)
    """What the next calls do first, one each: raise it, or call it (and wait for it)."""

    async def make(self, order: Order, to: Path) -> None:
        """The seed decides what is in it."""
        self.orders.append(order)
        if self.instead:
            todo = self.instead.pop(0)
            if isinstance(todo, Exception):
                raise todo
            if asyncio.iscoroutine(outcome := todo(order)):
                await outcome
        black = pyvips.Image.black(order.request.width, order.request.height, bands=3)
        shade = black.linear(1, [order.seed % 256, order.seed // 256 % 256, 90])
        await asyncio.to_thread(shade.cast("uchar").write_to_file, str(to))

    async def close(self) -> None:
        """It holds nothing."""
