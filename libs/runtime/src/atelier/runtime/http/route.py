"""One request, one unit of work: opened before the endpoint, committed before the answer is sent."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.params import Form
from fastapi.routing import APIRoute
from fastapi.security import OAuth2PasswordBearer

from atelier.runtime.auth import InternalTokens, InvalidTokenError, Principal
from atelier.runtime.errors import DomainError, NotAuthenticatedError
from atelier.runtime.http.bodies import StrictRequest
from atelier.runtime.http.idempotency import AnsweredBeforeError, IdempotentRequest
from atelier.runtime.request_context import current_cause
from atelier.runtime.unit_of_work import UnitOfWork, UnitsOfWork

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class UnitOfWorkRoute(APIRoute):
    """Routes of a service. The endpoint gets `Uow`; it never commits.

    A 2xx commits, with the answer kept where the request has an `Idempotency-Key`; everything
    else leaves nothing behind.
    """

    def get_route_handler(self) -> Handler:
        """The endpoint inside its unit of work."""
        endpoint = super().get_route_handler()
        takes_json = self.body_field is not None and not isinstance(self.body_field.field_info, Form)

        async def handle(request: Request) -> Response:
            strict = StrictRequest(request.scope, request.receive)
            if takes_json:
                strict.require_json()
            principal = principal_of(strict)
            units: UnitsOfWork = strict.app.state.units
            async with units.begin(current_cause.get().by(principal.user_id)) as uow:
                strict.state.principal, strict.state.uow = principal, uow
                if strict.method in SAFE:
                    return await endpoint(strict)
                return await _commit(endpoint, strict, uow, principal)

        return handle


async def _commit(endpoint: Handler, request: Request, uow: UnitOfWork, principal: Principal) -> Response:
    idempotent = await IdempotentRequest.of(request, principal.user_id)
    if idempotent is not None:
        uow.guard(idempotent.claim)
    try:
        response = await endpoint(request)
        if response.status_code < 300:
            if idempotent is not None:
                uow.keep(idempotent.kept(response, uow.shown_once))
            await uow.commit()
    except AnsweredBeforeError as before:
        return before.response
    except DomainError:
        first = await _first_answer(idempotent, uow)
        if first is None:
            raise
        return first
    return response


async def _first_answer(idempotent: IdempotentRequest | None, uow: UnitOfWork) -> Response | None:
    """A request that is refused now may be one that was answered before: then that is its answer."""
    try:
        if idempotent is not None:
            await uow.connection()  # runs the guard, unless the refusal came after it
    except AnsweredBeforeError as before:
        return before.response
    return None


def principal_of(request: Request) -> Principal:
    """Whom the internal token names, anonymous without one. NotAuthenticatedError for a wrong one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return Principal.anonymous()
    tokens: InternalTokens = request.app.state.tokens
    try:
        return tokens.read(token.strip())
    except InvalidTokenError as invalid:
        raise NotAuthenticatedError("This token isn't valid (any more); sign in again.") from invalid


_bearer = OAuth2PasswordBearer(tokenUrl="/api/v1/login/access-token", auto_error=False)


async def _current_principal(request: Request, _: Annotated[str | None, Depends(_bearer)]) -> Principal:
    principal: Principal = request.state.principal
    if principal.user_id is None:
        raise NotAuthenticatedError("Sign in first: send an access token as a bearer token.")
    return principal


async def _unit_of_work(request: Request) -> UnitOfWork:
    uow: UnitOfWork = request.state.uow
    return uow


CurrentPrincipal = Annotated[Principal, Depends(_current_principal)]
"""The user who asks; 401 without one."""

Uow = Annotated[UnitOfWork, Depends(_unit_of_work)]
"""The request's unit of work; the route commits it."""
