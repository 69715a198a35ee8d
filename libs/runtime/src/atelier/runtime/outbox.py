"""Events on their way to the broker: written in the transaction that they tell of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel
from sqlalchemy import BigInteger, Text, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from atelier.contracts.model import MAX_BODY_BYTES
from atelier.runtime.errors import InvalidError


@dataclass(frozen=True, slots=True)
class OutgoingEvent:
    """An event as the relay will send it."""

    aggregate_id: UUID
    version: int
    topic: str
    headers: dict[str, str]
    body: str


INSERT = text(
    "INSERT INTO outbox (aggregate_id, version, topic, headers, body) "
    "SELECT a, v, t, h::jsonb, b "
    "FROM unnest(:aggregates, :versions, :topics, :headers, :bodies) AS e(a, v, t, h, b)"
).bindparams(
    bindparam("aggregates", type_=ARRAY(Uuid)),
    bindparam("versions", type_=ARRAY(BigInteger)),
    bindparam("topics", type_=ARRAY(Text)),
    bindparam("headers", type_=ARRAY(Text)),
    bindparam("bodies", type_=ARRAY(Text)),
)


def insert_parameters(events: Sequence[OutgoingEvent]) -> dict[str, list[Any]]:
    """One array a column, so that any number of events is one statement."""
    return {
        "aggregates": [event.aggregate_id for event in events],
        "versions": [event.version for event in events],
        "topics": [event.topic for event in events],
        "headers": [orjson.dumps(event.headers).decode() for event in events],
        "bodies": [event.body for event in events],
    }


def serialize(event: BaseModel) -> str:
    """The event's body; raises `InvalidError` naming the longest list where it is over 256 KB."""
    body = event.model_dump_json()
    if len(body.encode()) > MAX_BODY_BYTES:
        raise InvalidError.field("body", _longest_list(event), msg="This list is too long.", type_="too_long")
    return body


def _longest_list(event: BaseModel) -> str:
    state = orjson.loads(event.model_dump_json())["state"]
    sizes: dict[str, int] = {
        name: len(orjson.dumps(value)) for name, value in state.items() if isinstance(value, list | str)
    }
    return max(sizes, key=sizes.__getitem__)
