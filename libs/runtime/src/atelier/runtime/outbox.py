"""Events on their way to the broker: written in the transaction that they tell of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from uuid import UUID

import orjson
from pydantic import BaseModel

from atelier.contracts.model import MAX_BODY_BYTES
from atelier.runtime.bulk import Piece
from atelier.runtime.errors import InvalidError


@dataclass(frozen=True, slots=True)
class OutgoingEvent:
    """An event as the relay will send it."""

    aggregate_id: UUID
    version: int
    topic: str
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The answer to a request with an `Idempotency-Key`, kept in the transaction of its effect."""

    principal_id: UUID
    key: str
    request_hash: bytes
    status: int
    body: bytes
    etag: str | None


TELL = (
    "INSERT INTO outbox (aggregate_id, version, topic, headers, body) SELECT a, v, t, h::jsonb, b "
    "FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[]) AS e(a, v, t, h, b)"
)
KEEP = (
    "INSERT INTO idempotency_keys AS k (principal_id, key, request_hash, status, body, etag) "
    "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (principal_id, key) DO UPDATE "
    "SET request_hash = excluded.request_hash, status = excluded.status, body = excluded.body, "
    "etag = excluded.etag, created_at = now() WHERE k.created_at <= now() - interval '24 hours' RETURNING 1"
)


def tell(events: Sequence[OutgoingEvent]) -> Piece:
    """Write any number of events, in their order."""
    arguments = (
        [event.aggregate_id for event in events],
        [event.version for event in events],
        [event.topic for event in events],
        [orjson.dumps(event.headers).decode() for event in events],
        [event.body for event in events],
    )
    return Piece(TELL, arguments)


def keep(answer: KeptAnswer) -> Piece:
    """Keep an answer for a day; no row comes back where the key was answered since it was claimed."""
    return Piece(KEEP, astuple(answer))


def serialize(event: BaseModel) -> str:
    """The event's body; raises `InvalidError` naming its longest field where it is over 256 KB."""
    body = event.model_dump_json()
    if len(body.encode()) > MAX_BODY_BYTES:
        raise InvalidError.field(
            "body",
            _longest_field(event),
            msg="This is too long: all together may take 256 KB.",
            type_="too_long",
        )
    return body


def _longest_field(event: BaseModel) -> str:
    state = orjson.loads(event.model_dump_json())["state"]
    sizes: dict[str, int] = {name: len(orjson.dumps(value)) for name, value in state.items()}
    return max(sizes, key=sizes.__getitem__)
