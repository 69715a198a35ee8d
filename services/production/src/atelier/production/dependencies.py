"""What production's endpoints get from the service that they run in, beside what all have."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from atelier.production.generations.ports import Seeds


async def _seeds(request: Request) -> Seeds:
    seeds: Seeds = request.app.state.seeds
    return seeds


CurrentSeeds = Annotated[Seeds, Depends(_seeds)]
"""Where the seeds of new generations come from."""
