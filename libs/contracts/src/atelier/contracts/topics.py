"""The topics as data: who owns each, what it carries, who reads it, how long it keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from atelier.contracts import (
    background_presets,
    export_tasks,
    generations,
    looks,
    media,
    organizations,
    products,
    resolution_presets,
    shootings,
    shot_types,
    shots,
    subjects,
    users,
)
from atelier.contracts.model import Event, State

MONTH = timedelta(days=30)


@dataclass(frozen=True)
class Topic:
    """A log of one kind of aggregate, keyed by the aggregate's id.

    `consumers` are consumer groups, `<service>` for facts and `<service>.replicas` for
    replicas; a test holds them, `owner` and `events` to the services.
    """

    name: str
    owner: str
    state: type[State]
    events: tuple[type[Event[Any]], ...]
    consumers: frozenset[str] = frozenset()
    partitions: int = 4
    retention: timedelta = MONTH


def _topic(
    name: str,
    state: type[State],
    *events: type[Event[Any]],
    consumers: tuple[str, ...] = (),
    retention: timedelta = MONTH,
) -> Topic:
    return Topic(
        name=name,
        owner=name.split(".", 1)[0],
        state=state,
        events=events,
        consumers=frozenset(consumers),
        retention=retention,
    )


TOPICS: tuple[Topic, ...] = (
    _topic(
        "identity.users.v1",
        users.UserState,
        users.UserRegistered,
        users.UserUpdated,
        users.UserDeactivated,
        consumers=("production.replicas",),
        retention=timedelta(days=7),  # personal data: no longer than replicas need to catch up
    ),
    _topic(
        "identity.organizations.v1",
        organizations.OrganizationState,
        organizations.OrganizationCreated,
        organizations.OrganizationUpdated,
        organizations.OrganizationDeleted,
        organizations.MemberAdded,
        organizations.MemberRoleChanged,
        organizations.MemberRemoved,
        organizations.MemberInvited,
        organizations.InvitationRevoked,
        organizations.OwnershipTransferred,
        consumers=("catalog", "media", "production", "generation", "export"),
    ),
    _topic(
        "catalog.resolution_presets.v1",
        resolution_presets.ResolutionPresetState,
        resolution_presets.ResolutionPresetCreated,
        resolution_presets.ResolutionPresetUpdated,
        resolution_presets.ResolutionPresetDeleted,
        resolution_presets.ResolutionPresetRestored,
        consumers=("production.replicas",),
    ),
    _topic(
        "catalog.products.v1",
        products.ProductState,
        products.ProductCreated,
        products.ProductUpdated,
        products.ProductArchived,
        products.ProductDeleted,
        consumers=("production.replicas", "media", "generation"),
    ),
    _topic(
        "catalog.subjects.v1",
        subjects.SubjectState,
        subjects.SubjectCreated,
        subjects.SubjectUpdated,
        consumers=("production.replicas", "media"),
    ),
    _topic(
        "catalog.shot_types.v1",
        shot_types.ShotTypeState,
        shot_types.ShotTypeCreated,
        consumers=("production.replicas",),
    ),
    _topic(
        "catalog.background_presets.v1",
        background_presets.BackgroundPresetState,
        background_presets.BackgroundPresetCreated,
        background_presets.BackgroundPresetUpdated,
        consumers=("production.replicas", "media"),
    ),
    _topic(
        "media.resources.v1",
        media.MediaResourceState,
        media.MediaIngested,
        media.MediaUpdated,
        media.MediaDeleted,
    ),
    _topic(
        "production.shootings.v1",
        shootings.ShootingState,
        shootings.ShootingCreated,
        shootings.ShootingUpdated,
        shootings.ShootingDeleted,
    ),
    _topic(
        "production.looks.v1",
        looks.LookState,
        looks.LookCreated,
        looks.LookUpdated,
        looks.LookDeleted,
        consumers=("media",),
    ),
    _topic(
        "production.shots.v1",
        shots.ShotState,
        shots.ShotCreated,
        shots.ShotUpdated,
        shots.ShotStatusChanged,
        shots.ShotDeleted,
        shots.ShotRevisionCreated,
        shots.ShotRevisionApproved,
        shots.ShotRevisionRejected,
        shots.GenerationRequested,
        consumers=("catalog", "media", "generation"),
    ),
    _topic(
        "generation.generations.v1",
        generations.GenerationState,
        generations.GenerationStarted,
        generations.GenerationUpdated,
        generations.GenerationCompleted,
        generations.GenerationFailed,
        generations.GenerationCancelled,
        generations.GenerationDeleted,
        generations.PredictionCompleted,
        generations.PredictionFailed,
        consumers=("media", "production"),
    ),
    _topic(
        "export.tasks.v1",
        export_tasks.ExportTaskState,
        export_tasks.ExportRequested,
        export_tasks.ExportProgressed,
        export_tasks.ExportUpdated,
        export_tasks.ExportCompleted,
        export_tasks.ExportFailed,
        export_tasks.ExportCancelled,
        export_tasks.ExportDeleted,
    ),
)

INSIDE: dict[type[State], str] = {generations.PredictionState: "generation"}
"""States that are read from their owner by themselves, while events tell of the aggregate around them."""


class Topics:
    """Look-ups over a set of topics; services use `Topics(TOPICS)`, tests may bring their own."""

    def __init__(self, topics: tuple[Topic, ...]) -> None:
        self.all = topics
        self._by_event = {event: topic for topic in topics for event in topic.events}
        self._by_state = {topic.state: topic for topic in topics}
        self._events = {event.__name__: event for event in self._by_event}

    def of_event(self, event: type[Event[Any]]) -> Topic:
        """The topic that carries this event; KeyError for an event that no topic declares."""
        return self._by_event[event]

    def of_state(self, state: type[State]) -> Topic:
        """The topic whose aggregates have this state."""
        return self._by_state[state]

    def owner_of(self, state: type[State]) -> str:
        """The service that answers the internal read of this state."""
        return INSIDE.get(state) or self.of_state(state).owner

    def event(self, name: str) -> type[Event[Any]] | None:
        """The event of that name, or None for one that isn't known here (yet)."""
        return self._events.get(name)
