"""A subject's body."""

from __future__ import annotations

from typing import Any

from atelier.catalog.subjects.schemas import SubjectMeasurementsCreate
from atelier.contracts.subjects import MeasurementsState
from atelier.runtime.clock import new_id


def measured(known: dict[str, Any] | None, sent: SubjectMeasurementsCreate | None) -> dict[str, Any] | None:
    """The measurements as their column holds them, with what is sent changed; None clears them all."""
    if sent is None:
        return None
    before = known or {"id": new_id()}
    return MeasurementsState.model_validate(before | sent.sent()).model_dump(mode="json")
