"""What must exist before anybody can make a look: the standard shot types."""

from __future__ import annotations

from atelier.catalog.shot_types import use_cases as shot_types
from atelier.runtime.request_context import Cause
from atelier.runtime.unit_of_work import UnitsOfWork

CAUSE = Cause(correlation_id="first-start")


async def first_start(units: UnitsOfWork) -> None:
    """Run at every start, by each process: what is there is left alone."""
    async with units.begin(CAUSE) as uow:
        await shot_types.make_standard(uow)
        await uow.commit()
