"""The migrations make what the rows say, the runtime's and the services'; probes know whether they ran."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from atelier.runtime.auth import Principal
from atelier.runtime.database import Row
from atelier.runtime.migrating import migrate
from atelier.runtime.service import Service
from atelier.runtime.tables import RuntimeRow


async def test_the_migrated_database_is_what_the_rows_say(house: Any) -> None:
    package = ".".join(house.entity.row.__module__.split(".")[:2])
    own = {
        mapper.local_table.name
        for mapper in Row.registry.mappers
        if mapper.class_.__module__.startswith(f"{package}.")
    }

    def differences(connection: Connection) -> list[Any]:
        runtime = set(RuntimeRow.metadata.tables)
        return [
            *_compare(connection, RuntimeRow.metadata, lambda table: table in runtime),
            *_compare(connection, Row.metadata, lambda table: table in own),
        ]

    async with house.service.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


def _compare(connection: Connection, metadata: Any, ours: Any) -> list[Any]:
    def include(item: Any, name: str, kind: str, *_: Any) -> bool:
        if kind == "column" and item.computed is not None:
            return False  # what the database generates is no attribute of a row
        return bool(ours(name if kind == "table" else item.table.name))

    options = {"include_object": include, "compare_type": True, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


async def test_migrating_again_is_nothing(house: Any) -> None:
    await migrate(house.service.engine, house.service.declaration.migrations)


async def test_ready_only_once_migrated(house: Any, entity: Any, make_database: Any, client_for: Any) -> None:
    ready = await house.client(Principal.anonymous()).get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "ok")
    values = {
        "database_url": await make_database(),
        "internal_token_secret": "x" * 32,
        "kafka_bootstrap_servers": "127.0.0.1:1",
        "cdn_url": "http://cdn.example.org",
    }
    service = Service(entity.declare(entity.settings.model_validate(values)))
    client = client_for(service, Principal.anonymous())
    try:
        assert (await client.get("/health/ready")).status_code == 503
        await migrate(service.engine, service.declaration.migrations)
        assert (await client.get("/health/ready")).status_code == 200
    finally:
        await service.close()
