"""What can be done with background presets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from atelier.catalog.background_presets import repository
from atelier.catalog.background_presets.models import BackgroundPreset
from atelier.catalog.background_presets.schemas import BackgroundPresetCreate, BackgroundPresetFramingCreate
from atelier.catalog.columns import Picture
from atelier.catalog.pictures import SentPictures
from atelier.contracts.background_presets import (
    BackgroundFramingState,
    BackgroundPresetCreated,
    BackgroundPresetState,
)
from atelier.contracts.enums import ShotTypeFraming
from atelier.runtime import tenancy
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Scope, require_visible
from atelier.runtime.clock import new_id
from atelier.runtime.errors import InvalidError, NotFoundError
from atelier.runtime.http.pages import Page
from atelier.runtime.media_client import MediaClient
from atelier.runtime.references import References
from atelier.runtime.unit_of_work import UnitOfWork

WHAT = "Background preset"


async def create(
    uow: UnitOfWork,
    references: References,
    media: MediaClient,
    principal: Principal,
    organization_id: UUID | None,
    body: BackgroundPresetCreate,
) -> BackgroundPreset:
    """Create a preset, personal or of an organization in which the caller may create."""
    sent = body.sent()
    _require_each_once(body.framings)
    await tenancy.verify(uow, references, principal, tenancy.named(organization_id, sent))
    ownership = tenancy.place(principal, organization_id, sent)
    assert ownership.owner_id is not None, "a user asks"
    id_, framing_ids = new_id(), [new_id() for _ in body.framings]
    pictures = await _sent_pictures(id_, framing_ids, body).ingest(media, principal, ownership)
    preset = BackgroundPreset(
        id=id_,
        created_at=uow.now,
        updated_at=uow.now,
        owner_id=ownership.owner_id,
        organization_id=ownership.organization_id,
        name=body.name,
        strategy=body.strategy,
        framings=[
            _framing(framing_id, uow.now, sent_one.framing, pictures.one("framings", index, "image"))
            for index, (framing_id, sent_one) in enumerate(zip(framing_ids, body.framings, strict=True))
        ],
    )
    uow.add(preset)
    uow.emit(preset, BackgroundPresetCreated)
    return preset


async def read(
    uow: UnitOfWork, principal: Principal, id_: UUID, organization_id: UUID | None
) -> BackgroundPreset:
    """A living preset that the caller may read."""
    preset = await repository.get(uow, id_)
    if preset is None or preset.deleted_at is not None:
        raise NotFoundError.of(WHAT)
    return require_visible(principal, preset, WHAT, organization_id)


async def list_(
    uow: UnitOfWork, principal: Principal, scope: Scope, page: Page
) -> tuple[Sequence[BackgroundPreset], int]:
    """A page of the scope's presets, newest first, and their number in all."""
    return await repository.page(uow, scope, principal, page)


def _require_each_once(framings: Sequence[BackgroundPresetFramingCreate]) -> None:
    """Each framing has one background, and so has the rest; the second one of the same is told."""
    seen: set[ShotTypeFraming | None] = set()
    for index, entry in enumerate(framings):
        if entry.framing in seen:
            raise InvalidError.field(
                "body", "framings", index, "framing", msg="This framing has a background already."
            )
        seen.add(entry.framing)


def _sent_pictures(id_: UUID, framing_ids: Sequence[UUID], body: BackgroundPresetCreate) -> SentPictures:
    sent = SentPictures(BackgroundPresetState, id_, "BACKGROUND_PRESET")
    for index, (framing_id, entry) in enumerate(zip(framing_ids, body.framings, strict=True)):
        sent.of_part("BACKGROUND_PRESET_FRAMING", framing_id, entry.image, "framings", index, "image")
    return sent


def _framing(
    id_: UUID, now: datetime, framing: ShotTypeFraming | None, image: Picture | None
) -> dict[str, Any]:
    """The entry as its column holds it."""
    entry = {"id": id_, "created_at": now, "updated_at": now, "framing": framing, "image": image}
    return BackgroundFramingState.model_validate(entry).model_dump(mode="json")
