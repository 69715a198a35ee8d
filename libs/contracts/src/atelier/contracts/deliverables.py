"""What production tells export of a shot that is to be delivered; read, never told by event."""

from __future__ import annotations

from uuid import UUID

from atelier.contracts.enums import ShotStatus
from atelier.contracts.media import StoredMedia
from atelier.contracts.model import Contract, Open
from atelier.contracts.products import ProductState
from atelier.contracts.shot_types import ShotTypeState


class Deliverable(Contract):
    """A shot with its current revision and all that names and describes the file.

    `image` is the current revision's first picture. Product and shot type are as they were last
    known, None only where they never were.
    """

    shot_id: UUID
    look_id: UUID
    shooting_id: UUID
    shooting_name: str
    owner_id: UUID
    organization_id: UUID | None = None
    status: Open[ShotStatus]
    revision_id: UUID | None = None
    revision_version: int | None = None
    image: StoredMedia | None = None
    product_id: UUID
    product: ProductState | None = None
    shot_type_id: UUID
    shot_type: ShotTypeState | None = None
    subject_name: str | None = None


class Deliverables(Contract):
    """A page of them by shot id; `next_after` is where the next one begins, None at the end."""

    data: tuple[Deliverable, ...]
    next_after: UUID | None = None
