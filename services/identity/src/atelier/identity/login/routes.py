"""HTTP to use case, for the login."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Response
from fastapi.security import OAuth2PasswordRequestForm

from atelier.identity.attempts.use_cases import Attempts
from atelier.identity.dependencies import (
    ClientAddress,
    CurrentLifetimes,
    CurrentPasswords,
    CurrentThrottle,
    CurrentUnits,
)
from atelier.identity.login import use_cases
from atelier.identity.login.schemas import LoginTokens, RefreshRequest
from atelier.runtime.http import access
from atelier.runtime.http.app import api_router
from atelier.runtime.http.errors import TOO_MANY
from atelier.runtime.http.route import CurrentPrincipal, Uow

router = api_router("", "login")


@router.post("/login/access-token", responses=TOO_MANY, openapi_extra=access.OPEN)
async def log_in(
    form: Annotated[OAuth2PasswordRequestForm, Depends()],
    uow: Uow,
    units: CurrentUnits,
    passwords: CurrentPasswords,
    lifetimes: CurrentLifetimes,
    throttle: CurrentThrottle,
    address: ClientAddress,
    response: Response,
) -> LoginTokens:
    """Sign in with an email address as `username`, and a password."""
    attempts = Attempts.of(throttle, form.username, address)
    _not_stored(response)
    return await use_cases.log_in(uow, units, passwords, lifetimes, attempts, form.username, form.password)


@router.post("/login/refresh", openapi_extra=access.OPEN)
async def refresh_login(
    body: RefreshRequest, uow: Uow, units: CurrentUnits, lifetimes: CurrentLifetimes, response: Response
) -> LoginTokens:
    """Go on with a login. A refresh token works once; used again, it ends the session."""
    _not_stored(response)
    return await use_cases.refresh(uow, units, lifetimes, body.refresh_token.get_secret_value())


@router.post("/logout", status_code=204, openapi_extra=access.LOGIN_WITHOUT_KEY)
async def log_out(uow: Uow, principal: CurrentPrincipal) -> None:
    """End the session of this access token, with all its tokens."""
    await use_cases.log_out(uow, principal)


def _not_stored(response: Response) -> None:
    """RFC 6749, 5.1: no cache on the way keeps tokens."""
    response.headers["Cache-Control"] = "no-store"
