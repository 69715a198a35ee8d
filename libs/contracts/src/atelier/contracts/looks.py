"""Looks, as production owns them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar
from uuid import UUID

from atelier.contracts.enums import ShootingLookStatus
from atelier.contracts.media import Attached, Attaching, StoredMedia, several
from atelier.contracts.model import Contract, Event, Open
from atelier.contracts.types import UtcDatetime


class OutfitState(Contract):
    """What is worn beside a look's product; one that a person made."""

    id: UUID
    created_at: UtcDatetime
    updated_at: UtcDatetime
    outfit_instruction: str | None = None
    outfit_product_ids: tuple[UUID, ...] = ()
    outfit_ref_images: tuple[StoredMedia, ...] = ()


class LookState(Attaching):
    """One product on one subject inside a shooting. Its computed shot status is no part of it.

    The size is a resolution preset or `width` and `height` in pixels, never both. Owner and
    organization are those of the shooting.
    """

    kind: ClassVar[str] = "looks"

    shooting_id: UUID
    product_id: UUID
    subject_id: UUID
    style_id: UUID | None = None
    resolution_preset_id: UUID | None = None
    width: int | None = None
    height: int | None = None
    background_preset_id: UUID | None = None
    set_design_id: UUID | None = None
    pose_preset_ids: tuple[UUID, ...] = ()
    file_format: str = "JPG"
    instructions: str = ""
    status: Open[ShootingLookStatus]
    assignee_id: UUID | None = None
    outfit: OutfitState | None = None

    def attached(self) -> Iterator[Attached]:
        """The reference images of the outfit."""
        if self.outfit is not None:
            images = self.outfit.outfit_ref_images
            yield from several("OUTFIT", self.outfit.id, "outfit_ref_images", images)


class LookCreated(Event[LookState]):
    """A look is planned, with the shots that `ShotCreated` tells of."""


class LookUpdated(Event[LookState]):
    """Whose it is changed, with its shooting."""


class LookDeleted(Event[LookState]):
    """The look is gone for good, with its shots."""
