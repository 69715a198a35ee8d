"""Bring a service's database to its newest schema: the runtime's branch and the service's own."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from atelier.runtime.database import create_engine
from atelier.runtime.settings import ServiceSettings

MIGRATIONS = Path(__file__).parent / "migrations"
ONE_AT_A_TIME = 7_310_077
"""Advisory lock: two processes that start together don't migrate together."""


_alembic = asyncio.Lock()
"""Its environment is a global of the process: two migrations in one would mix."""


def alembic_config(service_migrations: Path) -> Config:
    """Where alembic finds its environment and both branches."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "newline")
    config.set_main_option(
        "version_locations", f"{MIGRATIONS / 'versions'}\n{service_migrations / 'versions'}"
    )
    return config


async def migrate(engine: AsyncEngine, service_migrations: Path) -> None:
    """Upgrade to all heads in one transaction; safe to repeat and to run twice at once."""
    config = alembic_config(service_migrations)

    def upgrade(connection: Connection) -> None:
        for timeout in ("lock_timeout", "statement_timeout"):
            connection.execute(text(f"SET LOCAL {timeout} = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
        config.attributes["connection"] = connection
        command.upgrade(config, "heads")

    async with _alembic, engine.begin() as connection:
        await connection.run_sync(upgrade)


async def migrate_database(settings: ServiceSettings) -> None:
    """Migrate the database that a service's settings name."""
    engine = create_engine(
        settings.database_url.get_secret_value(), name=f"{settings.service}-migrate", command_timeout=None
    )
    try:
        await migrate(engine, settings.migrations)
    finally:
        await engine.dispose()


def heads(service_migrations: Path) -> frozenset[str]:
    """The revisions that a migrated database is at."""
    from alembic.script import ScriptDirectory

    return frozenset(ScriptDirectory.from_config(alembic_config(service_migrations)).get_heads())
