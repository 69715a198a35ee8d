"""The envelope of an event: CloudEvents 1.0, Kafka binary mode, in headers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"

_NAMES = frozenset(
    {
        "ce_specversion",
        "ce_id",
        "ce_type",
        "ce_source",
        "ce_subject",
        "ce_time",
        "ce_dataschema",
        "ce_aggregateversion",
        "ce_correlationid",
        "ce_causationid",
        "ce_actorid",
        "ce_organizationid",
        "traceparent",
    }
)


class InvalidEnvelopeError(ValueError):
    """The headers aren't an envelope; the message says which one is missing or wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who says what about which aggregate, when and why. `subject` is also the message key."""

    id: UUID
    type: str
    source: str
    subject: UUID
    time: datetime
    dataschema: str
    aggregate_version: int
    correlation_id: str
    causation_id: str | None = None
    actor_id: UUID | None = None
    organization_id: UUID | None = None
    traceparent: str | None = None

    @property
    def schema_version(self) -> int | None:
        """The version at the end of `dataschema`; None where there is no number."""
        version = self.dataschema.rpartition(":")[2]
        return int(version) if version.isascii() and version.isdecimal() else None

    def to_headers(self) -> dict[str, str]:
        """Headers by name; what is None has no header."""
        named = {
            "ce_specversion": SPEC_VERSION,
            "ce_id": str(self.id),
            "ce_type": self.type,
            "ce_source": self.source,
            "ce_subject": str(self.subject),
            "ce_time": self.time.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "ce_dataschema": self.dataschema,
            "ce_aggregateversion": str(self.aggregate_version),
            "ce_correlationid": self.correlation_id,
            "ce_causationid": self.causation_id,
            "ce_actorid": _text(self.actor_id),
            "ce_organizationid": _text(self.organization_id),
            "content-type": CONTENT_TYPE,
            "traceparent": self.traceparent,
        }
        return {name: value for name, value in named.items() if value is not None}

    @classmethod
    def from_headers(cls, headers: Iterable[tuple[str, bytes | None]]) -> Envelope:
        """Read an envelope from raw Kafka headers.

        Headers that aren't part of the envelope are ignored, whatever they hold.
        Raises `InvalidEnvelopeError` for a missing, null, non-UTF-8 or malformed one that is.
        """
        named = _decoded(headers)
        if named.get("ce_specversion") != SPEC_VERSION:
            raise InvalidEnvelopeError(f"ce_specversion isn't {SPEC_VERSION}")
        try:
            return cls(
                id=UUID(named["ce_id"]),
                type=named["ce_type"],
                source=named["ce_source"],
                subject=UUID(named["ce_subject"]),
                time=datetime.fromisoformat(named["ce_time"]),
                dataschema=named["ce_dataschema"],
                aggregate_version=_version(named["ce_aggregateversion"]),
                correlation_id=named["ce_correlationid"],
                causation_id=named.get("ce_causationid"),
                actor_id=_uuid(named.get("ce_actorid")),
                organization_id=_uuid(named.get("ce_organizationid")),
                traceparent=named.get("traceparent"),
            )
        except KeyError as missing:
            raise InvalidEnvelopeError(f"{missing.args[0]} is missing") from missing
        except ValueError as wrong:
            raise InvalidEnvelopeError(f"a header is malformed: {wrong}") from wrong


def _decoded(headers: Iterable[tuple[str, bytes | None]]) -> Mapping[str, str]:
    named: dict[str, str] = {}
    for name, value in headers:
        if not _is_text(name):
            raise InvalidEnvelopeError(f"the name of a header isn't text: {name!a}")
        if name not in _NAMES:
            continue
        if not value:
            raise InvalidEnvelopeError(f"{name} is null or empty")
        try:
            named[name] = value.decode()
        except UnicodeDecodeError as wrong:
            raise InvalidEnvelopeError(f"{name} isn't UTF-8") from wrong
        if "\0" in named[name]:
            raise InvalidEnvelopeError(f"{name} holds NUL")
    return named


def _is_text(name: str) -> bool:
    """Neither NUL nor the lone surrogates that stand for bytes that aren't UTF-8."""
    return "\0" not in name and not any("\ud800" <= letter <= "\udfff" for letter in name)


def _version(text: str) -> int:
    version = int(text)
    if not 1 <= version < 2**63:
        raise ValueError("ce_aggregateversion is out of range")
    return version


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text is not None else None


def _text(value: UUID | None) -> str | None:
    return str(value) if value is not None else None
