"""The migrations make what the rows say; tables of entities with an operation of their own are held in
the workspace's `tests/rules`."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from atelier.runtime.database import Row

TABLES = {"shootings", "looks", "outfits", "shots", "shot_revisions", "shot_revision_images"}


async def test_the_migrated_database_is_what_the_rows_say(production: Any) -> None:
    def differences(connection: Connection) -> list[Any]:
        def include(item: Any, name: str, kind: str, *_: Any) -> bool:
            if kind == "column" and item.computed is not None:
                return False  # what the database generates is no attribute of a row
            return (name if kind == "table" else item.table.name) in TABLES

        options = {"include_object": include, "compare_type": True, "compare_server_default": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), Row.metadata))

    async with production.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
