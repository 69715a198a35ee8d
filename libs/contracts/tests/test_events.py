"""The contracts' own governance: examples, schemas, envelope, evolution."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from atelier.contracts import documents
from atelier.contracts.envelope import Envelope, InvalidEnvelopeError
from atelier.contracts.model import MAX_BODY_BYTES, Event
from atelier.contracts.organizations import MemberAdded, Role
from atelier.contracts.resolution_presets import ResolutionPresetState
from atelier.contracts.topics import TOPICS, Topics

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "libs/contracts/examples"
EVENTS = [(topic, event) for topic in TOPICS for event in topic.events]


@pytest.mark.parametrize(("topic", "event"), EVENTS, ids=lambda value: getattr(value, "__name__", ""))
def test_every_event_has_an_example_that_is_valid(topic: Any, event: type[Event[Any]]) -> None:
    example = documents.example(EXAMPLES, event)

    envelope = Envelope.from_headers([(name, value.encode()) for name, value in example["headers"].items()])
    body = event.model_validate_json(json.dumps(example["payload"]))

    assert envelope.type == event.__name__
    assert envelope.dataschema == event.dataschema()
    assert envelope.schema_version == event.schema_version
    assert envelope.source == f"/{topic.owner}"
    assert envelope.subject == body.state.id
    assert isinstance(body.state, topic.state)
    assert len(body.model_dump_json()) < MAX_BODY_BYTES


def test_no_example_is_left_of_an_event_that_is_gone() -> None:
    named = {documents.file_name(event) for _, event in EVENTS}
    assert {path.name for path in EXAMPLES.glob("*.json")} == named


def test_committed_documents_are_what_the_contracts_make() -> None:
    stale = [path for path, text in documents.documents(EXAMPLES) if (ROOT / path).read_text() != text]
    assert stale == [], "run `make docs`"


def test_a_consumer_ignores_fields_that_it_does_not_know_and_a_producer_may_not_add_them() -> None:
    payload = documents.example(EXAMPLES, MemberAdded)["payload"]
    payload["state"]["invented"] = payload["invented"] = 1

    assert MemberAdded.read(json.dumps(payload)).state.name == "Maison Okafor"
    with pytest.raises(ValidationError, match="invented"):
        MemberAdded.model_validate(payload)


def test_a_consumer_reads_an_unknown_enum_value_as_text() -> None:
    payload = documents.example(EXAMPLES, MemberAdded)["payload"]
    payload["role"] = "curator"

    assert MemberAdded.read(json.dumps(payload)).role == "curator"
    assert MemberAdded.read(json.dumps(payload)).state.members[0].role is Role.OWNER


def test_a_state_can_not_be_changed() -> None:
    state = ResolutionPresetState.model_validate(
        {**_row(), "name": "a", "width": 1, "height": 1, "owner_id": str(UUID(int=2))}
    )
    with pytest.raises(ValidationError, match="frozen"):
        state.name = "b"


@pytest.mark.parametrize(
    ("header", "value", "complaint"),
    [
        ("ce_id", None, "null"),
        ("ce_id", b"\xff", "UTF-8"),
        ("ce_id", b"7", "malformed"),
        ("ce_subject", b"", "null or empty"),
        ("ce_time", b"yesterday", "malformed"),
        ("ce_aggregateversion", b"0", "out of range"),
        ("ce_aggregateversion", b"9" * 30, "out of range"),
        ("ce_specversion", b"2.0", "specversion"),
        ("ce_organizationid", b"nope", "malformed"),
    ],
)
def test_an_envelope_with_a_bad_header_is_refused(header: str, value: bytes | None, complaint: str) -> None:
    headers = _headers()
    headers[header] = value
    with pytest.raises(InvalidEnvelopeError, match=complaint):
        Envelope.from_headers(headers.items())


def test_an_envelope_ignores_headers_that_are_not_its_own() -> None:
    headers = [*_headers().items(), ("x-odd", b"\xff\xfe"), ("x-null", None)]
    assert Envelope.from_headers(headers).type == "MemberAdded"


def test_an_envelope_without_a_required_header_names_it() -> None:
    headers = _headers()
    del headers["ce_subject"]
    with pytest.raises(InvalidEnvelopeError, match="ce_subject is missing"):
        Envelope.from_headers(headers.items())


@pytest.mark.parametrize("dataschema", ["urn:x", "urn:x:one", "urn:x:²", ""])
def test_a_schema_without_a_number_has_no_version(dataschema: str) -> None:
    headers = _headers() | {"ce_dataschema": (dataschema or "-").encode()}
    assert Envelope.from_headers(headers.items()).schema_version is None


OLD = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}


@pytest.mark.parametrize(
    ("new", "breaking"),
    [
        (OLD, False),
        ({**OLD, "properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}, False),
        ({**OLD, "properties": {"a": {"type": "integer"}}}, True),
        ({**OLD, "properties": {"b": {"type": "string"}}}, True),
        ({**OLD, "required": []}, True),
    ],
)
def test_only_what_could_fail_an_old_subscriber_is_breaking(new: dict[str, Any], breaking: bool) -> None:
    assert documents.breaks(OLD, new) is breaking


def test_names_of_topics_begin_with_their_owner_and_events_have_one_topic() -> None:
    assert all(topic.name == f"{topic.owner}.{topic.name.split('.')[1]}.v1" for topic in TOPICS)
    names = [event.__name__ for _, event in EVENTS]
    assert len(names) == len(set(names))
    assert all(Topics(TOPICS).of_event(event) is topic for topic, event in EVENTS)


def _headers() -> dict[str, bytes | None]:
    return {
        name: value.encode() for name, value in documents.example(EXAMPLES, MemberAdded)["headers"].items()
    }


def _row() -> dict[str, str]:
    return {
        "id": str(UUID(int=1)),
        "created_at": "2026-03-02T08:00:00Z",
        "updated_at": "2026-03-02T08:00:00Z",
    }
