"""What counts as a database that is away, and what is somebody's own failure."""

from __future__ import annotations

import errno
import socket

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from atelier.runtime.away import is_away, is_lost


def _database_error(cause: type[asyncpg.PostgresError]) -> DBAPIError:
    return DBAPIError("SELECT 1", {}, cause("why"))


LOST = [
    ConnectionRefusedError(),
    ConnectionResetError(),
    socket.gaierror(-2, "unknown"),
    OSError("Multiple exceptions: [Errno 111] Connect call failed"),
    OSError(errno.EHOSTUNREACH, "No route to host"),
    PoolTimeoutError(),
    asyncpg.InternalClientError(),
    asyncpg.CannotConnectNowError("starting up"),
    asyncpg.ConnectionDoesNotExistError("gone"),
    asyncpg.TooManyConnectionsError("full"),
    _database_error(asyncpg.AdminShutdownError),
    DBAPIError("SELECT 1", {}, Exception(), connection_invalidated=True),
]
LATE = [
    TimeoutError(),
    _database_error(asyncpg.QueryCanceledError),
    _database_error(asyncpg.LockNotAvailableError),
    _database_error(asyncpg.DeadlockDetectedError),
]
WRONG = [
    FileNotFoundError(errno.ENOENT, "no such file"),
    PermissionError(errno.EACCES, "not allowed"),
    OSError(errno.ENOSPC, "no space left"),
    ValueError("a bug"),
    _database_error(asyncpg.NumericValueOutOfRangeError),
]


@pytest.mark.parametrize("error", LOST, ids=repr)
def test_a_lost_connection_is_nobodys_fault(error: Exception) -> None:
    assert (is_lost(error), is_away(error)) == (True, True)


@pytest.mark.parametrize("error", LATE, ids=repr)
def test_what_took_too_long_is_worth_another_try_but_may_be_the_askers_fault(error: Exception) -> None:
    assert (is_lost(error), is_away(error)) == (False, True)


@pytest.mark.parametrize("error", WRONG, ids=repr)
def test_what_is_wrong_stays_wrong(error: Exception) -> None:
    assert (is_lost(error), is_away(error)) == (False, False)
