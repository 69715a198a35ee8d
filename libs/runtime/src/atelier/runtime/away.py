"""What failures of the database mean: whether asking again later may help."""

from __future__ import annotations

import errno
import socket

from asyncpg import InternalClientError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

UNREACHABLE = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN)
IN_THE_WAY = ("40001", "40P01", "55P03", "57014")
"""Serialization failure, deadlock, lock not available, statement timeout."""


def is_away(error: BaseException) -> bool:
    """Whether the database couldn't be asked or didn't answer in time, so that asking again may help."""
    return is_lost(error) or isinstance(error, TimeoutError) or _sqlstate(error) in IN_THE_WAY


def is_lost(error: BaseException) -> bool:
    """Whether there is no connection to the database, which can't be a statement's own fault."""
    if isinstance(error, PoolTimeoutError | ConnectionError | socket.gaierror | InternalClientError):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return _is_unreachable(error) or _sqlstate(error).startswith(("08", "53", "57P"))


def _is_unreachable(error: BaseException) -> bool:
    """asyncio says a plain OSError without a number where a host has several addresses."""
    return type(error) is OSError and (error.errno is None or error.errno in UNREACHABLE)


def _sqlstate(error: BaseException) -> str:
    """The state that PostgreSQL gave; errors of connecting come as asyncpg raises them."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlstate", None) or ""
