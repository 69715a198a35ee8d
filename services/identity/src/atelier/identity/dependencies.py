"""What endpoints get from identity's bootstrap."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from atelier.identity.attempts.use_cases import Throttle
from atelier.identity.lifetimes import Lifetimes
from atelier.identity.passwords import Passwords
from atelier.identity.settings import Settings
from atelier.runtime.unit_of_work import UnitsOfWork


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _passwords(request: Request) -> Passwords:
    passwords: Passwords = request.app.state.passwords
    return passwords


def _lifetimes(request: Request) -> Lifetimes:
    return _settings(request).lifetimes


def _throttle(request: Request) -> Throttle:
    return _settings(request).throttle


def _units(request: Request) -> UnitsOfWork:
    units: UnitsOfWork = request.app.state.units
    return units


def _client_address(request: Request) -> str | None:
    return request.headers.get("x-forwarded-for")


CurrentSettings = Annotated[Settings, Depends(_settings)]
CurrentPasswords = Annotated[Passwords, Depends(_passwords)]
CurrentLifetimes = Annotated[Lifetimes, Depends(_lifetimes)]
CurrentThrottle = Annotated[Throttle, Depends(_throttle)]
ClientAddress = Annotated[str | None, Depends(_client_address)]
"""Where the client is, by the gateway, which lets nobody else say so; None without one."""
CurrentUnits = Annotated[UnitsOfWork, Depends(_units)]
"""For what needs a transaction of its own beside the request's."""
