"""Bodies and answers of the shootings' operations."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field, StrictBool

from atelier.contracts.enums import ShootingStatus, ShotStatus
from atelier.contracts.public.guidelines import ShootingGuidelinesPublic
from atelier.contracts.public.looks import ShootingLookPublic
from atelier.contracts.public.model import PublicEntity
from atelier.contracts.types import UtcDatetime
from atelier.runtime.http.bodies import RequestBody

Name = Annotated[str, Field(min_length=1, max_length=255)]
Line = Annotated[str, Field(max_length=255)]
Description = Annotated[str, Field(max_length=10_000)]


class ShootingStatusFilter(StrEnum):
    """Computed statuses that a list can be narrowed to."""

    PENDING = "PENDING"
    PROPOSAL = "PROPOSAL"
    REJECTED = "REJECTED"
    POST_PROD = "POST_PROD"
    POST_PROD_REJECTED = "POST_PROD_REJECTED"
    REVIEW = "REVIEW"
    APPROVED = "APPROVED"
    DRAFT = "DRAFT"
    READY = "READY"
    WITHOUT_STATUS = "WITHOUT_STATUS"


class ShootingCreate(RequestBody):
    """A new shooting. Only administrators may set `owner_id`."""

    name: Name
    description: Description | None = None
    due_date: UtcDatetime
    archived: StrictBool = False
    season: Line | None = None
    collection: Line | None = None
    brand: Line | None = None
    owner_id: UUID | None = None
    organization_id: UUID | None = None
    default_guidelines_id: UUID | None = None


class ShootingUpdate(RequestBody):
    """Changes of a shooting: what isn't sent stays. `organization_id: null` makes it personal.

    Null clears the other fields, but name and archived, which it leaves as they are.
    """

    name: Name | None = None
    description: Description | None = None
    due_date: UtcDatetime | None = None
    archived: StrictBool | None = None
    season: Line | None = None
    collection: Line | None = None
    brand: Line | None = None
    owner_id: UUID | None = None
    organization_id: UUID | None = None
    default_guidelines_id: UUID | None = None


class ShootingPublic(PublicEntity):
    """A shooting without its looks; both statuses are the least advanced over looks and shots."""

    name: str
    description: str | None = None
    due_date: UtcDatetime | None = None
    owner_id: UUID
    organization_id: UUID | None = None
    archived: bool = False
    season: str | None = None
    collection: str | None = None
    brand: str | None = None
    default_guidelines_id: UUID | None = None
    default_guidelines: ShootingGuidelinesPublic | None = None
    shot_status: ShotStatus | None = None
    status: ShootingStatus | None = None


class ShootingDetailPublic(ShootingPublic):
    """A shooting with its looks."""

    looks: tuple[ShootingLookPublic, ...] = ()


class ShootingLookComputedStatus(StrEnum):
    """What a look counts as: DRAFT while it is one, READY without shots, else as its least advanced shot."""

    PENDING = "PENDING"
    PROPOSAL = "PROPOSAL"
    REJECTED = "REJECTED"
    POST_PROD = "POST_PROD"
    POST_PROD_REJECTED = "POST_PROD_REJECTED"
    REVIEW = "REVIEW"
    APPROVED = "APPROVED"
    DRAFT = "DRAFT"
    READY = "READY"
    WITHOUT_STATUS = "WITHOUT_STATUS"


class ShootingStatusCount(BaseModel):
    """How many looks have a status."""

    status: ShootingLookComputedStatus
    count: int


class ShootingSummary(BaseModel):
    """Different products, looks, and looks by status from least to most advanced; no status without looks."""

    total_products: int
    total_shooting_looks: int
    status_breakdown: list[ShootingStatusCount]


class ShootingsPublic(BaseModel):
    """A page of shootings; `count` is of all that match."""

    data: list[ShootingPublic]
    count: int
