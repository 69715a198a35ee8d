"""Errors as the documented answers: `{detail}`, never a stack trace, never a bare 500 for bad input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from asyncpg import InternalClientError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from atelier.runtime.away import is_away
from atelier.runtime.errors import DomainError, InvalidError, TooManyRequestsError

log = structlog.get_logger(__name__)

CONFLICT = "Somebody else changed the same thing at the same time; read it again and repeat your change."
BUSY = "The service can't reach its database right now; try again in a moment."


class ErrorDetail(BaseModel):
    """What is wrong and what to do about it."""

    detail: str


DOCUMENTED: dict[int | str, dict[str, Any]] = {
    401: {"model": ErrorDetail, "description": "No login, or one that isn't valid any more."},
    403: {"model": ErrorDetail, "description": "The caller may not do this."},
    404: {"model": ErrorDetail, "description": "It doesn't exist for the caller."},
    503: {
        "model": ErrorDetail,
        "description": "Something that is needed is away; nothing changed.",
    },
}
"""The error answers of every operation that needs a login; `document.py` adds what its request brings."""

TOO_MANY: dict[int | str, dict[str, Any]] = {
    429: {"model": ErrorDetail, "description": "Asked too often; `Retry-After` says how long to wait."},
}
"""What operations show besides that make people wait."""


def install_error_handlers(app: FastAPI) -> None:
    """Answer every exception in the documented form."""
    app.add_exception_handler(DomainError, _domain_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(PoolTimeoutError, _unavailable)
    app.add_exception_handler(DBAPIError, _database_error)
    app.add_exception_handler(ConnectionError, _unavailable)
    app.add_exception_handler(TimeoutError, _unavailable)
    app.add_exception_handler(InternalClientError, _unavailable)  # asyncpg's, of a session that was ended
    app.add_exception_handler(Exception, _unexpected)


def answer(status: int, detail: object, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """An error answer; 401 and 503 carry the header that says how to go on."""
    extra = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "1"}}.get(status, {})
    return JSONResponse({"detail": detail}, status, {**extra, **(headers or {})})


async def _domain_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DomainError)
    if isinstance(error, InvalidError):
        return answer(422, [{"loc": list(p.loc), "msg": p.msg, "type": p.type} for p in error.problems])
    wait = {"Retry-After": str(error.retry_after)} if isinstance(error, TooManyRequestsError) else None
    return answer(error.status, error.detail, wait)


async def _validation_error(_: Request, error: Exception) -> JSONResponse:
    """FastAPI's own items without `input` and `ctx`, which would echo what was sent."""
    assert isinstance(error, RequestValidationError)
    items = [{"loc": list(item["loc"]), "msg": item["msg"], "type": item["type"]} for item in error.errors()]
    return answer(422, items)


async def _http_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return answer(error.status_code, error.detail, error.headers)


async def _database_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DBAPIError)
    state = getattr(error.orig, "sqlstate", None) or ""
    if isinstance(error, IntegrityError) or state == "40001" or state == "40P01":
        return answer(409, CONFLICT)
    if isinstance(error, OperationalError | InterfaceError) or is_away(error):
        return await _unavailable(request, error)
    if state.startswith("22"):
        return answer(422, [{"loc": ["body"], "msg": "A value is out of range.", "type": "value_error"}])
    return await _unexpected(request, error)


async def _unavailable(_: Request, error: Exception) -> JSONResponse:
    log.warning("unavailable", error=str(error)[:300])
    return answer(503, BUSY)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("unexpected error", path=request.url.path, exc_info=error)
    return answer(500, "Something went wrong here; it was recorded with the request id of this answer.")


__all__ = [
    "DOCUMENTED",
    "TOO_MANY",
    "ErrorDetail",
    "answer",
    "install_error_handlers",
]
