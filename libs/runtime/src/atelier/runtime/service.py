"""A service: what its bootstrap declares, and the parts that the runtime makes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI

from atelier.contracts.model import Event, State
from atelier.contracts.topics import TOPICS, Topics
from atelier.runtime.auth import InternalTokens
from atelier.runtime.clock import Clock, SystemClock
from atelier.runtime.database import create_engine, sessions_of
from atelier.runtime.http.app import create_app
from atelier.runtime.http.health import Health, health_router
from atelier.runtime.http.health_details import HealthDetails, health_details_router
from atelier.runtime.http.internal import OwnedKind, internal_router
from atelier.runtime.internal_client import InternalClient
from atelier.runtime.jobs import JobHandler, JobWorker
from atelier.runtime.media_client import MediaClient
from atelier.runtime.messaging.facts import FactGroup, FactHandler
from atelier.runtime.messaging.nudges import Nudge
from atelier.runtime.messaging.producer import Producer
from atelier.runtime.messaging.relay import Relay
from atelier.runtime.messaging.replica_group import ReplicaGroup
from atelier.runtime.messaging.subscriptions import Subscriptions
from atelier.runtime.migrating import heads
from atelier.runtime.rebuilding import ReplicaKeeper
from atelier.runtime.references import References
from atelier.runtime.settings import ServiceSettings
from atelier.runtime.storage import Storage
from atelier.runtime.unit_of_work import UnitsOfWork

FILL = "fill-replica"


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """What is particular about a service; everything else is the runtime's."""

    settings: ServiceSettings
    routers: Sequence[APIRouter]
    kinds: Sequence[OwnedKind]
    replicas: Sequence[type[State]] = ()
    facts: Mapping[type[Event[Any]], FactHandler] = field(default_factory=dict)
    jobs: Mapping[str, JobHandler] = field(default_factory=dict)
    jobs_of: Callable[[Service], Mapping[str, JobHandler]] = lambda _: {}
    """More jobs: those that need parts of the running service, such as its clients of others."""
    storage: Storage | None = None
    """The bucket, for services that read and write it; closed with the service."""
    provide: Mapping[str, object] = field(default_factory=dict)
    """What the service's own dependencies find on `app.state`."""
    closing: Sequence[Callable[[], Awaitable[None]]] = ()
    """Run when the service ends, such as the `close` of what else its bootstrap built."""
    on_start: Callable[[UnitsOfWork], Awaitable[None]] | None = None
    """Run once before the service is ready, such as making what must exist; safe to repeat."""
    topics: Topics = field(default_factory=lambda: Topics(TOPICS))
    clock: Clock = field(default_factory=SystemClock)

    @property
    def migrations(self) -> Path:
        """The folder with the service's own branch of migrations."""
        return self.settings.migrations


class Service:
    """The parts of one process of a service, connected. `process.run` sets them to work."""

    def __init__(self, declaration: Declaration) -> None:
        settings = declaration.settings
        self.name = settings.service
        self.declaration = declaration
        self.settings = settings
        url = settings.database_url.get_secret_value()
        self.engine = create_engine(url, name=self.name, pool_size=settings.database_pool_size)
        self.sessions = sessions_of(self.engine)
        self.relay = self._relay(url)
        self._nudge = Nudge(self.engine, self.relay)
        self.units = UnitsOfWork(
            service=self.name,
            engine=self.engine,
            topics=declaration.topics,
            clock=declaration.clock,
            committed=self._committed,
        )
        self.tokens = InternalTokens(
            settings.internal_token_secret.get_secret_value(), self.name, declaration.clock
        )
        self.client = InternalClient(
            urls_of=settings.urls_of,
            tokens=self.tokens,
            topics=declaration.topics,
            deadline=settings.internal_deadline.total_seconds(),
        )
        self.media_client = MediaClient(self.client)
        self.references = References(
            service=self.name, client=self.client, sessions=self.sessions, replicated=declaration.replicas
        )
        self.keeper = ReplicaKeeper(service=self.name, client=self.client, sessions=self.sessions)
        self.groups = self._groups()
        self.subscriptions = self._subscriptions()
        self.worker = JobWorker(
            sessions=self.sessions,
            units=self.units,
            handlers=self._jobs(),
            lease=settings.job_lease,
            slots=settings.job_slots,
        )
        self._probes = create_engine(url, name=f"{self.name}-health", pool_size=1)  # never behind requests
        self.health = Health(self._probes, heads(declaration.migrations), self.degraded)
        self.app = self._app()

    def degraded(self) -> list[str]:
        """Parts that are away or behind, while requests are answered all the same."""
        away = []
        if self.groups and "consumers" in self.settings.roles and not self.subscriptions.joined:
            away.append("consumers haven't joined the broker")
        elif self.subscriptions.joined and not self.subscriptions.hears:
            away.append("the broker is away")
        if self.relay is not None and not (self.relay.leads or self.relay.stands_by):
            away.append("no process relays")
        elif self.relay is not None and self.relay.trouble:
            away.append(f"events wait: {self.relay.trouble}")
        if self.declaration.storage is not None and self.declaration.storage.trouble:
            away.append("the storage is away")
        return away

    async def close(self) -> None:
        """Close connections; the last thing that a process does."""
        for close in self.declaration.closing:
            await close()
        if self.declaration.storage is not None:
            await self.declaration.storage.close()
        await self.client.close()
        await self._nudge.close()
        await self._probes.dispose()
        await self.engine.dispose()

    def _committed(self) -> None:
        self._nudge()
        self.worker.wake()

    def _relay(self, url: str) -> Relay | None:
        if "relay" not in self.settings.roles:
            return None
        producer = Producer(self.settings.kafka_bootstrap_servers, client_id=self.name)
        prefix = self.settings.kafka_topic_prefix
        return Relay(
            database_url=url,
            name=self.name,
            producer=producer,
            topic_prefix=prefix,
            acknowledged_within=self.settings.relay_deadline.total_seconds(),
        )

    def _groups(self) -> list[FactGroup | ReplicaGroup]:
        declared, topics = self.declaration, self.declaration.topics
        groups: list[FactGroup | ReplicaGroup] = []
        if declared.facts:
            groups.append(
                FactGroup(service=self.name, units=self.units, topics=topics, handlers=declared.facts)
            )
        if declared.replicas:
            states = declared.replicas
            groups.append(
                ReplicaGroup(service=self.name, sessions=self.sessions, topics=topics, states=states)
            )
        return groups

    def _subscriptions(self) -> Subscriptions:
        return Subscriptions(
            bootstrap_servers=self.settings.kafka_bootstrap_servers,
            client_id=self.name,
            groups=self.groups,
            topic_prefix=self.settings.kafka_topic_prefix,
            group_prefix=self.settings.kafka_group_prefix,
            stop_deadline=self.settings.stop_deadline.total_seconds(),
        )

    def _jobs(self) -> dict[str, JobHandler]:
        from atelier.runtime.filling import fill_job

        filling = (
            {FILL: fill_job(self.keeper, self.declaration.replicas)} if self.declaration.replicas else {}
        )
        return {**filling, **self.declaration.jobs, **self.declaration.jobs_of(self)}

    def _details(self) -> HealthDetails:
        def leads() -> bool | None:
            return self.relay.leads if self.relay is not None else None

        return HealthDetails(self.name, self._probes, self.health, self.subscriptions.lag, leads)

    def _app(self) -> FastAPI:
        internal = [
            internal_router(self.declaration.kinds),
            health_router(self.health),
            health_details_router(self._details()),
        ]
        app = app_of(self.declaration, internal)
        app.state.units = self.units
        app.state.tokens = self.tokens
        app.state.references = self.references
        app.state.media_client = self.media_client
        app.state.storage = self.declaration.storage
        for name, value in self.declaration.provide.items():
            setattr(app.state, name, value)
        return app


def app_of(declaration: Declaration, internal: Sequence[APIRouter] = ()) -> FastAPI:
    """The service's application; without the internal routers, enough for its OpenAPI document."""
    return create_app(
        title=f"Atelier {declaration.settings.service}",
        routers=[*declaration.routers, *internal],
        max_body_bytes=declaration.settings.max_json_bytes,
    )
