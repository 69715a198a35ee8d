"""What media's endpoints get beside what every service's do."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from atelier.media.settings import Settings
from atelier.runtime.auth import Principal
from atelier.runtime.errors import NotAuthenticatedError
from atelier.runtime.unit_of_work import UnitsOfWork


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _units(request: Request) -> UnitsOfWork:
    units: UnitsOfWork = request.app.state.units
    return units


def _internal_principal(request: Request) -> Principal:
    principal: Principal = request.state.principal
    if principal.user_id is None and principal.service is None:
        raise NotAuthenticatedError("Internal operations need an internal token.")
    return principal


CurrentSettings = Annotated[Settings, Depends(_settings)]
"""Media's settings."""

CurrentUnits = Annotated[UnitsOfWork, Depends(_units)]
"""Units of work beside the request's own, for what lasts before or without its commit."""

InternalPrincipal = Annotated[Principal, Depends(_internal_principal)]
"""The user or service that asks; 401 for nobody."""
