"""HTTP to use case, for the login."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from fastapi.security import OAuth2PasswordRequestForm

from atelier.identity.dependencies import AccessTokenLifetime, CurrentPasswords, CurrentUnits
from atelier.identity.login import use_cases
from atelier.identity.login.schemas import AccessToken
from atelier.runtime.http.app import api_router
from atelier.runtime.http.route import Uow

router = api_router("/login", "login")


@router.post("/access-token")
async def log_in(
    form: Annotated[OAuth2PasswordRequestForm, Depends()],
    uow: Uow,
    units: CurrentUnits,
    passwords: CurrentPasswords,
    lifetime: AccessTokenLifetime,
) -> AccessToken:
    """Sign in with an email address as `username`, and a password."""
    token = await use_cases.log_in(uow, units, passwords, lifetime, form.username, form.password)
    return AccessToken(access_token=token)
