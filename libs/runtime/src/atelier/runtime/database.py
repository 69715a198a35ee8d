"""The engine of a service's own database, with the timeouts that keep it healthy."""

from __future__ import annotations

from typing import Any

import orjson
from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

Sessions = async_sessionmaker[AsyncSession]


class Row(MappedAsDataclass, DeclarativeBase):
    """Base of a service's rows: dataclasses, so that a missing column is a type error."""

    metadata = MetaData(naming_convention=NAMING)


def _to_json(value: Any) -> str:
    return orjson.dumps(value).decode()


def asyncpg_url(url: str) -> str:
    """The URL with the driver that SQLAlchemy needs in its scheme."""
    return "postgresql+asyncpg://" + url.split("://", 1)[1]


def create_engine(url: str, *, name: str, pool_size: int = 10, autobegin_timeout: float = 5) -> AsyncEngine:
    """An engine whose connections give up rather than hang.

    A connection is tried before it is used, so a restarted database costs no request; who gets
    none within `autobegin_timeout` seconds fails with `sqlalchemy.exc.TimeoutError` (503).
    """
    return create_async_engine(
        asyncpg_url(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=autobegin_timeout,
        pool_pre_ping=True,
        json_serializer=_to_json,
        json_deserializer=orjson.loads,
        connect_args={
            "timeout": 5,
            "server_settings": {
                "application_name": name,
                "statement_timeout": "30000",
                "idle_in_transaction_session_timeout": "30000",
                "lock_timeout": "10000",
            },
        },
    )


def sessions_of(engine: AsyncEngine) -> Sessions:
    """Sessions that keep what they loaded readable after the commit."""
    return async_sessionmaker(engine, expire_on_commit=False, autoflush=False)
