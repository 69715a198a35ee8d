"""What export's endpoints get from the service that they run in."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from atelier.export.deliveries import Deliveries
from atelier.export.pictures.use_cases import Begin, Delivery, Studio
from atelier.export.settings import Settings
from atelier.runtime.request_context import current_cause
from atelier.runtime.unit_of_work import UnitsOfWork


def _deliveries(request: Request) -> Deliveries:
    deliveries: Deliveries = request.app.state.deliveries
    return deliveries


def _studio(request: Request) -> Studio:
    studio: Studio = request.app.state.studio
    return studio


def _delivery(request: Request) -> Delivery:
    delivery: Delivery = request.app.state.delivery
    return delivery


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _begin(request: Request) -> Begin:
    units: UnitsOfWork = request.app.state.units
    return lambda: units.begin(current_cause.get())


CurrentDeliveries = Annotated[Deliveries, Depends(_deliveries)]
"""What production has to deliver."""

CurrentStudio = Annotated[Studio, Depends(_studio)]
"""Where pictures are converted."""

CurrentDelivery = Annotated[Delivery, Depends(_delivery)]
"""How pictures are delivered where nothing else is configured."""

CurrentSettings = Annotated[Settings, Depends(_settings)]
"""Export's settings."""

CurrentBegin = Annotated[Begin, Depends(_begin)]
"""Begins short transactions beside the request's own, for what is kept whatever becomes of it."""
