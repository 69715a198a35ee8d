"""Bring the whole stack up in order, keep it up, and take it down in the opposite order."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Sequence

from atelier.stack import embedded, probes, provisioning
from atelier.stack.data_folder import DataFolder
from atelier.stack.ending import first_error, listening, unless
from atelier.stack.environment import database_passwords, first_email, service_environments, whole_environment
from atelier.stack.errors import StackError
from atelier.stack.logs import Console
from atelier.stack.page import page
from atelier.stack.parts import kafka, postgres, seaweedfs
from atelier.stack.ports import is_free
from atelier.stack.program import Program
from atelier.stack.services import GATEWAY, SERVICES, Service
from atelier.stack.settings import Settings
from atelier.stack.state import State, write_privately
from atelier.stack.status import Status, end_leftovers
from atelier.stack.supervisor import Supervisor

MIGRATED_WITHIN = 120.0


def run(settings: Settings, services: Sequence[Service] = SERVICES) -> None:
    """Run until a signal ends it; StackError when it can't start."""
    folder = DataFolder(settings.data_dir)
    with folder.hold():
        console = Console()
        try:
            for name in end_leftovers(folder.status_file):
                console.say("stack", f"ended {name}, left over by a stack that was killed")
            if any(service.name == GATEWAY.name for service in services):
                _require_gateway_port(settings)
            asyncio.run(Stack(settings, folder, services, console).run())
        finally:
            console.close()


def _require_gateway_port(settings: Settings) -> None:
    if not is_free(settings.gateway_port, settings.gateway_host):
        raise StackError(
            f"Port {settings.gateway_port} on {settings.gateway_host} is taken or not allowed: "
            "set GATEWAY_PORT to a free port, for example GATEWAY_PORT=8080."
        )


class Stack:
    """One run, from the first process to the last."""

    def __init__(
        self, settings: Settings, folder: DataFolder, services: Sequence[Service], console: Console
    ) -> None:
        self._settings, self._folder, self._services, self._console = settings, folder, services, console
        self._began = time.monotonic()
        self._state = State.load(folder.state_file)
        self._parts = embedded.parts(settings, folder, self._state)
        self._environments = service_environments(services, settings, self._state, self._parts.endpoints)
        self._passwords = database_passwords(services, self._state)
        self._status = Status(folder.status_file)
        self._supervisor = Supervisor(console, folder.logs, self._status)

    async def run(self) -> None:
        """Up, until a signal comes, and down again; also when coming up fails."""
        with listening(again=self._at_once) as asked:
            try:
                await unless(asked, self._up())
                await asked.wait()
            finally:
                await self._down()

    async def _up(self) -> None:
        self._remember()
        self._console.say("stack", f"starting on {self._folder.path}")
        async with first_error(), asyncio.TaskGroup() as group:
            group.create_task(self._bring_postgres())
            group.create_task(self._bring_kafka())
            group.create_task(self._bring_s3())
        await self._start_services()
        self._announce()

    def _remember(self) -> None:
        """Before anything is made with these secrets."""
        self._state.first_superuser_email = first_email(self._settings, self._state)
        self._state.save()
        write_privately(self._folder.services_file, json.dumps(self._environments))

    async def _bring_postgres(self) -> None:
        """The server, the databases, and every service's migrations."""
        await self._keep_part(postgres.NAME)
        await provisioning.provision_databases(self._parts.endpoints.postgres_admin_url, self._passwords)
        async with asyncio.TaskGroup() as group:
            for service in self._services:
                if service.needs_database:
                    group.create_task(self._supervisor.run_once(self._migration(service)))

    async def _bring_kafka(self) -> None:
        await self._keep_part(kafka.NAME)
        if self._services:
            await provisioning.provision_topics(
                self._parts.endpoints.kafka_bootstrap_servers, self._settings.kafka_topic_prefix
            )

    async def _bring_s3(self) -> None:
        await self._keep_part(seaweedfs.NAME)
        if self._settings.s3_endpoint_url:
            await provisioning.provision_bucket(self._parts.endpoints)

    async def _keep_part(self, name: str) -> None:
        if program := self._parts.programs.get(name):
            await self._supervisor.keep(program)

    async def _start_services(self) -> None:
        """All at once, the gateway when the others are ready."""
        async with first_error(), asyncio.TaskGroup() as group:
            for service in self._behind_gateway():
                group.create_task(self._supervisor.keep(self._serving(service)))
        for service in self._services:
            if service.name == GATEWAY.name:
                await self._supervisor.keep(self._serving(service))

    def _behind_gateway(self) -> list[Service]:
        return [service for service in self._services if service.name != GATEWAY.name]

    def _announce(self) -> None:
        self._status.all_ready()
        seconds = time.monotonic() - self._began
        arguments = (
            self._settings,
            self._folder,
            self._state,
            self._parts.endpoints,
            self._services,
            seconds,
        )
        self._console.show(page(*arguments))
        if self._services and not self._state.first_login_shown:
            self._state.first_login_shown = True
            self._state.save()

    async def _down(self) -> None:
        self._console.say("stack", "stopping")
        await self._supervisor.stop([GATEWAY.name])
        await self._supervisor.stop([service.name for service in self._behind_gateway()])
        for name in (kafka.NAME, seaweedfs.NAME, postgres.NAME):
            await self._supervisor.stop([name])
        self._supervisor.close()
        self._console.say("stack", "stopped")

    def _at_once(self) -> None:
        self._console.say("stack", "a second signal: ending everything at once")
        self._supervisor.kill_all()

    def _serving(self, service: Service) -> Program:
        own = self._environments[service.name]
        host, port = own[service.variable("HOST")], int(own[service.variable("PORT")])
        asked = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
        return Program(
            name=service.name,
            command=service.command("serve"),
            folder=self._folder.path,
            environment=whole_environment(os.environ, own),
            is_ready=lambda: probes.http_ok(port, service.ready_path, asked),
            prepare=lambda: self._folder.clear_temporary(service.name),
        )

    def _migration(self, service: Service) -> Program:
        return Program(
            name=f"{service.name}-migrate",
            command=service.command("migrate"),
            folder=self._folder.path,
            environment=whole_environment(os.environ, self._environments[service.name]),
            is_ready=lambda: True,
            ready_within=MIGRATED_WITHIN,
        )
