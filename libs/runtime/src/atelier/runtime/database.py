"""The engine of a service's own database, with the timeouts that keep it healthy."""

from __future__ import annotations

import math
import time
from typing import Any

import orjson
from sqlalchemy import MetaData, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass
from sqlalchemy.pool import ConnectionPoolEntry

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

TRIED_AFTER = 1.0
"""Seconds without use after which a connection is tried before it is used again."""

Sessions = async_sessionmaker[AsyncSession]


class Row(MappedAsDataclass, DeclarativeBase):
    """Base of a service's rows: dataclasses, so that a missing column is a type error."""

    metadata = MetaData(naming_convention=NAMING)


def _to_json(value: Any) -> str:
    return orjson.dumps(value).decode()


def asyncpg_url(url: str) -> str:
    """The URL with the driver that SQLAlchemy needs in its scheme, and libpq's `sslmode` as asyncpg's."""
    return "postgresql+asyncpg://" + url.split("://", 1)[1].replace("sslmode=", "ssl=")


def create_engine(
    url: str, *, name: str, pool_size: int = 10, pool_timeout: float = 5, command_timeout: float | None = 35
) -> AsyncEngine:
    """An engine whose connections give up rather than hang.

    A connection that rested is tried before it is used, so a restarted database costs no request;
    who gets none within `pool_timeout` seconds fails with `sqlalchemy.exc.TimeoutError` (503).
    """
    engine = create_async_engine(
        asyncpg_url(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_timeout,
        json_serializer=_to_json,
        json_deserializer=orjson.loads,
        connect_args={
            "timeout": 5,
            "command_timeout": command_timeout,
            "server_settings": {
                "application_name": name,
                "statement_timeout": "30000",
                "idle_in_transaction_session_timeout": "30000",
                "lock_timeout": "10000",
            },
        },
    )
    _try_after_rest(engine)
    return engine


def _try_after_rest(engine: AsyncEngine) -> None:
    """SQLAlchemy's `pool_pre_ping`, but only for connections that rested: it takes three round trips."""

    def rests(_: object, record: ConnectionPoolEntry) -> None:
        record.info["rests_since"] = time.monotonic()

    def wakes(connection: Any, record: ConnectionPoolEntry, _: object) -> None:
        if time.monotonic() - record.info.get("rests_since", math.inf) < TRIED_AFTER:
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as dead:
            raise DisconnectionError("the connection died while it rested") from dead

    event.listen(engine.sync_engine, "checkin", rests)
    event.listen(engine.sync_engine, "checkout", wakes)


def sessions_of(engine: AsyncEngine) -> Sessions:
    """Sessions that keep what they loaded readable after the commit."""
    return async_sessionmaker(engine, expire_on_commit=False, autoflush=False)
