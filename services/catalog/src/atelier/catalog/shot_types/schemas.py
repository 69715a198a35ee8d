"""Answers of the shot types' operations."""

from __future__ import annotations

from pydantic import BaseModel

from atelier.contracts.public.shot_types import ShotTypePublic


class ShotTypesPublic(BaseModel):
    """A page of shot types; `count` is of all that match."""

    data: list[ShotTypePublic]
    count: int
