"""The documents that subscribers read, made from the contracts: JSON Schemas, AsyncAPI, events.md.

`python -m atelier.contracts.documents ROOT` writes them below the checkout at ROOT; a test holds
what is committed to what this makes. Examples are written by hand, one for each event version.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from atelier.contracts.envelope import CONTENT_TYPE
from atelier.contracts.model import Event
from atelier.contracts.topics import TOPICS, Topic

ENVELOPE = {
    "ce_specversion": "Always 1.0.",
    "ce_id": "UUIDv7 of the event; the key to recognise a repetition by.",
    "ce_type": "The event's name.",
    "ce_source": "The service that owns the aggregate, such as /catalog.",
    "ce_subject": "Id of the aggregate; also the message key.",
    "ce_time": "When it happened, ISO 8601 in UTC.",
    "ce_dataschema": "Name and version of the body's schema.",
    "ce_aggregateversion": "Counts the aggregate's changes from 1, without gaps.",
    "ce_correlationid": "Id of the request that began it all.",
    "ce_causationid": "Id of the event that led to this one, if one did.",
    "ce_actorid": "The user who acted, if one did.",
    "ce_organizationid": "The organization that it belongs to, if it belongs to one.",
    "content-type": f"Always {CONTENT_TYPE}.",
    "traceparent": "W3C trace context.",
}
OPTIONAL = ("ce_causationid", "ce_actorid", "ce_organizationid", "traceparent")


def documents(examples: Path) -> Iterator[tuple[str, str]]:
    """Every generated file: its path below the checkout, and its text."""
    for topic in TOPICS:
        for event in topic.events:
            yield f"libs/contracts/schemas/{file_name(event)}", _json(schema_of(event))
    yield "docs/asyncapi.json", _json(asyncapi(examples))
    yield "docs/events.md", events_page(examples)


def file_name(event: type[Event[Any]]) -> str:
    """The name of an event's schema and example files."""
    return f"{event.__name__}.v{event.schema_version}.json"


def schema_of(event: type[Event[Any]]) -> dict[str, Any]:
    """The JSON Schema of what is published; open to additions, as subscribers must be."""
    schema: dict[str, Any] = _opened(event.model_json_schema(mode="serialization"))
    return schema


def breaks(old: Any, new: Any) -> bool:
    """Whether a subscriber written for the old schema may fail on what the new one allows.

    Additions don't break; a removed or renamed property, another type, or a part that may now be
    absent do.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        required = set(old.get("required", ())) - set(new.get("required", ()))
        kept = {
            key: value
            for key, value in old.items()
            if key not in ("required", "description", "title", "enum")
        }
        return bool(required) or any(key not in new or breaks(value, new[key]) for key, value in kept.items())
    return bool(old != new)


def example(examples: Path, event: type[Event[Any]]) -> dict[str, Any]:
    """The event's example: `headers` and `payload`."""
    loaded: dict[str, Any] = json.loads((examples / file_name(event)).read_text())
    return loaded


def asyncapi(examples: Path) -> dict[str, Any]:
    """The AsyncAPI 3 document of all topics."""
    events = [event for topic in TOPICS for event in topic.events]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Atelier events",
            "version": "1",
            "description": "CloudEvents 1.0 in Kafka's binary mode. At least once, in order per aggregate.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": {f"publish_{topic.name.replace('.', '_')}": _operation(topic) for topic in TOPICS},
        "components": {
            "messages": {event.__name__: _message(event, examples) for event in events},
            "schemas": {"Envelope": _envelope_schema()},
        },
    }


def events_page(examples: Path) -> str:
    """The page for people: topics, what each event means, and an example of it."""
    lines = [EVENTS_INTRO, "## Topics", "", *_topics_table(), "", "## Headers", ""]
    lines += [
        "| header | meaning |",
        "|---|---|",
        *(f"| `{name}` | {text} |" for name, text in ENVELOPE.items()),
    ]
    for topic in TOPICS:
        lines += ["", f"## `{topic.name}`", ""]
        for event in topic.events:
            payload = json.dumps(_without_nulls(example(examples, event)["payload"]), indent=2)
            lines += [f"### {event.__name__}", "", _meaning(event), "", "```json", payload, "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(one) for name, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value


EVENTS_INTRO = """# Events

<!-- Made by `make docs` from libs/contracts; change it there. -->

Everything that happens in Atelier is told in Kafka, and anybody may listen. An event carries the
whole state of its aggregate after what happened, so a listener that wants only the newest state
keeps the one with the highest `ce_aggregateversion` and needs nothing else.

- **At least once**: an event may come again. Remember `ce_id`, or compare versions.
- **In order** for each aggregate, which is also the message key; not between aggregates.
- **Additions only** inside a version of a topic: ignore fields and event types you don't know.
- A delete is an event with a body, and `deleted_at` in its state. There are no tombstones.

Examples leave out what is null. The same as a machine reads it: [asyncapi.json](asyncapi.json), and a
JSON Schema for each event in `libs/contracts/schemas`.
"""


def _topics_table() -> list[str]:
    rows = ["| topic | owner | aggregate | partitions | kept | read by |", "|---|---|---|---|---|---|"]
    for topic in TOPICS:
        readers = ", ".join(sorted(topic.consumers)) or "–"
        kept = f"{topic.retention.days} days"
        state = topic.state.__name__
        rows.append(f"| `{topic.name}` | {topic.owner} | {state} | {topic.partitions} | {kept} | {readers} |")
    return rows


def _channel(topic: Topic) -> dict[str, Any]:
    references = {
        event.__name__: {"$ref": f"#/components/messages/{event.__name__}"} for event in topic.events
    }
    milliseconds = int(topic.retention.total_seconds() * 1000)
    kafka = {
        "topic": topic.name,
        "partitions": topic.partitions,
        "topicConfiguration": {"cleanup.policy": ["delete"], "retention.ms": milliseconds},
        "bindingVersion": "0.5.0",
    }
    description = f"{topic.state.kind} of the {topic.owner} service, keyed by the aggregate's id."
    return {
        "address": topic.name,
        "description": description,
        "messages": references,
        "bindings": {"kafka": kafka},
    }


def _operation(topic: Topic) -> dict[str, Any]:
    return {"action": "send", "channel": {"$ref": f"#/channels/{topic.name}"}}


def _message(event: type[Event[Any]], examples: Path) -> dict[str, Any]:
    return {
        "name": event.__name__,
        "summary": _meaning(event),
        "headers": {"$ref": "#/components/schemas/Envelope"},
        "payload": schema_of(event),
        "examples": [example(examples, event)],
    }


def _envelope_schema() -> dict[str, Any]:
    properties = {name: {"type": "string", "description": text} for name, text in ENVELOPE.items()}
    required = [name for name in ENVELOPE if name not in OPTIONAL]
    return {"type": "object", "properties": properties, "required": required}


def _meaning(event: type[Event[Any]]) -> str:
    return " ".join((event.__doc__ or "").split())


def _refuse_breaking(path: str, old: dict[str, Any], new: dict[str, Any]) -> None:
    if breaks(old, new):
        raise SystemExit(f"{path}: this change breaks subscribers. Publish a new version beside the old one.")


def _opened(schema: Any) -> Any:
    """Without `additionalProperties: false`: that binds producers only."""
    if isinstance(schema, dict):
        return {key: _opened(value) for key, value in schema.items() if key != "additionalProperties"}
    return [_opened(item) for item in schema] if isinstance(schema, list) else schema


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2) + "\n"


def write(root: Path) -> None:
    """Write every document, and take away schemas of events that are no more."""
    made = dict(documents(root / "libs/contracts/examples"))
    for schema in (root / "libs/contracts/schemas").glob("*.json"):
        if f"libs/contracts/schemas/{schema.name}" not in made:
            schema.unlink()
    for path, text in made.items():
        target = root / path
        if path.endswith(".json") and "/schemas/" in path and target.exists():
            _refuse_breaking(path, json.loads(target.read_text()), json.loads(text))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
