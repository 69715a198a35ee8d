"""What endpoints get from identity's bootstrap."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request

from atelier.identity.passwords import Passwords
from atelier.runtime.unit_of_work import UnitsOfWork


def _passwords(request: Request) -> Passwords:
    passwords: Passwords = request.app.state.passwords
    return passwords


def _access_token_lifetime(request: Request) -> timedelta:
    lifetime: timedelta = request.app.state.access_token_lifetime
    return lifetime


def _units(request: Request) -> UnitsOfWork:
    units: UnitsOfWork = request.app.state.units
    return units


CurrentPasswords = Annotated[Passwords, Depends(_passwords)]
AccessTokenLifetime = Annotated[timedelta, Depends(_access_token_lifetime)]
CurrentUnits = Annotated[UnitsOfWork, Depends(_units)]
"""For what needs a transaction of its own beside the request's."""
