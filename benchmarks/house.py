"""Catalog on real parts, in this process: what the benchmarks of writes, relay and consumers measure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg

from atelier.catalog.bootstrap import declare
from atelier.catalog.settings import Settings
from atelier.runtime.database import create_engine
from atelier.runtime.migrating import migrate
from atelier.runtime.provisioning import create_topics
from atelier.runtime.service import Service
from atelier.stack.testing import EmbeddedStack

TOPIC = "catalog.resolution_presets.v1"


@dataclass
class House:
    """A migrated database, a broker with the topics, and catalog built on both."""

    service: Service
    database_url: str
    kafka: str
    user: UUID

    async def count(self, table: str) -> int:
        """Rows of a table."""
        connection = await asyncpg.connect(self.database_url)
        try:
            return int(await connection.fetchval(f"SELECT count(*) FROM {table}"))
        finally:
            await connection.close()


@asynccontextmanager
async def house(*, pool_size: int = 16) -> AsyncIterator[House]:
    """Start the parts, and end them with whatever was made on them."""
    with EmbeddedStack(parts=("postgres", "kafka")) as stack:
        url = await database(stack)
        kafka = stack.endpoints.kafka_bootstrap_servers
        settings = Settings(
            database_url=url,
            database_pool_size=pool_size,
            internal_token_secret="benchmark-" * 4,
            kafka_bootstrap_servers=kafka,
        )
        declaration = declare(settings)
        engine = create_engine(url, name="benchmark")
        await migrate(engine, declaration.migrations)
        await engine.dispose()
        await create_topics(kafka)
        service = Service(declaration)
        try:
            yield House(service, url, kafka, uuid4())
        finally:
            await service.close()


async def database(stack: EmbeddedStack) -> str:
    """An empty database's URL."""
    admin = stack.endpoints.postgres_admin_url
    connection = await asyncpg.connect(admin)
    await connection.execute("CREATE DATABASE benchmark")
    await connection.close()
    return admin.rsplit("/", 1)[0] + "/benchmark"


async def until(reached: asyncio.Event, seconds: float = 60) -> None:
    """Wait for it, bounded."""
    async with asyncio.timeout(seconds):
        await reached.wait()
