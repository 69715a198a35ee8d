"""Topics are data; this holds them to what the services really emit and consume."""

from __future__ import annotations

import ast
import importlib
import importlib.util
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeGuard

import pytest

from atelier.contracts.model import Event
from atelier.contracts.topics import TOPICS, Topics
from atelier.stack.services import SERVICES

NAMES = [service.name for service in SERVICES]
SOURCES = Path(__file__).parents[2] / "services"
EMITTING = ("uow.emit", "uow.remove", "Releasable")
"""What takes an event's class as its second argument: the unit of work, and a release, which hands it on."""


def consumers_of(service: str) -> dict[str, set[str]]:
    """Topic → groups by which that service reads it, by its consumers module."""
    if importlib.util.find_spec(f"atelier.{service}.consumers") is None:
        return {}
    consumers, topics = importlib.import_module(f"atelier.{service}.consumers"), Topics(TOPICS)
    groups: dict[str, set[str]] = defaultdict(set)
    for state in consumers.REPLICAS:
        groups[topics.of_state(state).name].add(f"{service}.replicas")
    for event in consumers.facts(timedelta(minutes=2)):
        groups[topics.of_event(event).name].add(service)
    return groups


def emitted_by(service: str) -> Iterator[type[Event[Any]]]:
    """Each event that some line of the service's source emits."""
    package = SOURCES / service / "src"
    for file in package.rglob("*.py"):
        module = ".".join(file.relative_to(package).with_suffix("").parts)
        for node in ast.walk(ast.parse(file.read_text())):
            if _emits(node):
                yield from _events(node.args[1], importlib.import_module(module))


def _emits(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and len(node.args) > 1 and ast.unparse(node.func) in EMITTING


def _events(node: ast.expr, module: Any) -> Iterator[type[Event[Any]]]:
    """The classes that an argument may be: a name, a choice between names, or any of a table's."""
    if isinstance(node, ast.IfExp):
        yield from _events(node.body, module)
        yield from _events(node.orelse, module)
        return
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        yield from getattr(module, node.value.id).values()
        return
    assert isinstance(node, ast.Name), f"{module.__name__}:{node.lineno}: name the event that is emitted"
    event = getattr(module, node.id)
    assert issubclass(event, Event)
    yield event


def test_each_topic_is_read_by_the_groups_it_declares_and_no_others() -> None:
    read: dict[str, set[str]] = {topic.name: set() for topic in TOPICS}
    for service in NAMES:
        for topic, groups in consumers_of(service).items():
            read[topic] |= groups
    assert read == {topic.name: set(topic.consumers) for topic in TOPICS}


@pytest.mark.parametrize("service", NAMES)
def test_a_service_emits_every_event_of_its_topics_and_none_of_anothers(service: str) -> None:
    owned = {event for topic in TOPICS if topic.owner == service for event in topic.events}
    assert set(emitted_by(service)) == owned


def test_each_topic_has_an_owner_in_the_house_and_is_named_after_it() -> None:
    for topic in TOPICS:
        assert topic.owner in NAMES
        assert topic.name.split(".")[0] == topic.owner


def test_an_event_has_one_topic_and_carries_that_topics_state() -> None:
    events = [event for topic in TOPICS for event in topic.events]
    assert len(events) == len(set(events)) == len({event.__name__ for event in events})
    for topic in TOPICS:
        for event in topic.events:
            assert event.model_fields["state"].annotation is topic.state
