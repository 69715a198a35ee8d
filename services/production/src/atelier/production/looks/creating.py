"""Making looks: all of a request or none, in one transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from atelier.contracts.enums import ShootingLookStatus, ShotStatus
from atelier.contracts.looks import LookCreated, LookState
from atelier.contracts.public.media import MediaInput
from atelier.contracts.shot_types import ShotTypeState
from atelier.production import statuses
from atelier.production.generations import use_cases as generations
from atelier.production.generations.ports import Seeds
from atelier.production.generations.requests import Scene
from atelier.production.generations.schemas import GenerationCreationResult
from atelier.production.looks import inputs, plans
from atelier.production.looks.casting import Inputs, Part, cast, shot_types_of
from atelier.production.looks.models import Look, Outfit
from atelier.production.looks.schemas import GenerateShootingLooksRequest
from atelier.production.policy import require_unmoved
from atelier.production.progress import look_progress, progress_of
from atelier.production.shootings import use_cases as shootings
from atelier.production.shootings.models import Shooting
from atelier.production.shots import use_cases as shots
from atelier.production.shots.models import Shot
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Ownership
from atelier.runtime.clock import new_id
from atelier.runtime.errors import InvalidError
from atelier.runtime.media_client import Attachment, IngestItem, MediaClient
from atelier.runtime.references import References
from atelier.runtime.unit_of_work import UnitOfWork

MAX_SHOTS = 5_000
"""Each is a row, an event or two and a part of the answer, all in memory at once."""
MAX_IMAGES = 100
"""As many as media takes over at once."""
Image = str | MediaInput
Stored = dict[str, Any]
"""A `StoredMedia` as columns hold it."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A look before it is made: its ids are needed where its pictures are taken over."""

    look_id: UUID
    outfit_id: UUID
    part: Part


@dataclass(frozen=True, kw_only=True)
class Made:
    """New looks with their shots, what catalog said of all they refer to, and what was asked for."""

    looks: list[Look]
    shots: list[Shot]
    shot_types: Mapping[UUID, ShotTypeState]
    inputs: Inputs
    generations: list[GenerationCreationResult]


async def create(
    uow: UnitOfWork,
    references: References,
    media: MediaClient,
    seeds: Seeds,
    principal: Principal,
    shooting_id: UUID,
    organization_id: UUID | None,
    body: GenerateShootingLooksRequest,
) -> Made:
    """Make a look of each product on each subject that fits it, with a shot for each shot type.

    Others are asked while no transaction is open; what they said is decided on before the first row.
    Raises `InvalidError` at the place of what can't be had, and `UnavailableError`.
    """
    wanted = plans.plans_of(body)
    shooting = await shootings.writable(uow, principal, shooting_id, organization_id)
    await uow.pause()
    found = await inputs.read(uow, references, principal, body, wanted)
    parts = cast(shooting, body, wanted, found)
    shot_types = shot_types_of(shooting, body, found)
    _require_few(parts, shot_types)
    drafts = [Draft(look_id=new_id(), outfit_id=new_id(), part=part) for part in parts]
    images = await _take_over(media, principal, shooting, drafts)
    seen, shooting = shooting, await shootings.locked(uow, principal, shooting_id, organization_id)
    require_unmoved(seen, shooting)
    looks = [_look(uow, shooting, body, draft, images) for draft in drafts]
    made = Made(
        looks=looks,
        shots=[shot for look in looks for shot in shots.plan(uow, look, shot_types)],
        shot_types={shot_type.id: shot_type for shot_type in shot_types},
        inputs=found,
        generations=[],
    )
    if body.generate_base_images:
        made.generations.extend(_ask(uow, seeds, made))
    statuses.count_in(shooting, looks)
    return made


def _require_few(parts: Sequence[Part], shot_types: Sequence[ShotTypeState]) -> None:
    count = len(parts) * len(shot_types)
    if count > MAX_SHOTS:
        msg = f"This would plan {count} shots; a request plans at most {MAX_SHOTS}."
        raise InvalidError.field("body", "shot_type_ids", msg=msg, type_="too_long")


async def _take_over(
    media: MediaClient, principal: Principal, shooting: Shooting, drafts: Sequence[Draft]
) -> dict[Image, Stored]:
    """The reference images of all outfits as stored, each taken over once, for all outfits that it is in.

    Each outfit holds it by itself, so that it stays when the look of another goes.
    """
    uses: defaultdict[Image, list[IngestItem]] = defaultdict(list)
    for draft in drafts:
        for image, item in _items(draft):
            uses[image].append(item)
    if len(uses) > MAX_IMAGES:
        msg = f"A request brings at most {MAX_IMAGES} different reference images."
        raise InvalidError.field("body", "product_outfit_configs", msg=msg, type_="too_long")
    items = [replace(first, also=tuple(one.attachment for one in rest)) for first, *rest in uses.values()]
    stored = await media.ingest(principal, Ownership(shooting.owner_id, shooting.organization_id), items)
    return {image: one.model_dump(mode="json") for image, one in zip(uses, stored, strict=True)}


def _items(draft: Draft) -> Iterator[tuple[Image, IngestItem]]:
    outfit = draft.part.plan.outfit
    for position, image in enumerate(outfit.images if outfit else ()):
        attachment = Attachment(
            kind=LookState.kind,
            aggregate_id=draft.look_id,
            entity_type="OUTFIT",
            entity_id=draft.outfit_id,
            slot="outfit_ref_images",
            position=position,
        )
        assert outfit is not None, "its images are looked at"
        yield image, IngestItem.of((*outfit.loc, "outfit_ref_imgs_urls", position), image, attachment)


def _look(
    uow: UnitOfWork,
    shooting: Shooting,
    body: GenerateShootingLooksRequest,
    draft: Draft,
    images: Mapping[Image, Stored],
) -> Look:
    plan = draft.part.plan
    status = (body.status or ShootingLookStatus.READY).value
    shot_progress = progress_of(ShotStatus.PENDING.value) if body.shot_type_ids else None
    look = Look(
        id=draft.look_id,
        created_at=uow.now,
        updated_at=uow.now,
        owner_id=shooting.owner_id,
        organization_id=shooting.organization_id,
        shooting_id=shooting.id,
        product_id=draft.part.product.id,
        subject_id=draft.part.subject.id,
        resolution_preset_id=plan.size.resolution_preset_id,
        width=plan.size.width,
        height=plan.size.height,
        background_preset_id=plan.background_preset_id,
        file_format=plan.file_format,
        instructions=plan.instructions,
        status=status,
        progress=look_progress(status, shot_progress),
        shot_progress=shot_progress,
    )
    uow.add(look)
    if plan.outfit is not None:
        look.outfit = _outfit(uow, draft, plan.outfit, images)
        look.outfit_id = look.outfit.id
    uow.emit(look, LookCreated)
    return look


def _outfit(uow: UnitOfWork, draft: Draft, wanted: plans.Outfit, images: Mapping[Image, Stored]) -> Outfit:
    outfit = Outfit(
        id=draft.outfit_id,
        look_id=draft.look_id,
        created_at=uow.now,
        updated_at=uow.now,
        outfit_instruction=wanted.instruction,
        outfit_product_ids=[str(id_) for id_ in plans.without_repeats(wanted.product_ids)],
        outfit_ref_images=[images[image] for image in wanted.images],
    )
    uow.add(outfit)
    return outfit


def _ask(uow: UnitOfWork, seeds: Seeds, made: Made) -> Iterator[GenerationCreationResult]:
    """One generation for each shot that lacks nothing."""
    of_look: defaultdict[UUID, list[tuple[Shot, ShotTypeState]]] = defaultdict(list)
    for shot in made.shots:
        of_look[shot.look_id].append((shot, made.shot_types[shot.shot_type_id]))
    for look in made.looks:
        scene = _scene(look, made.inputs)
        yield from generations.ask(
            uow, seeds, look, scene, of_look[look.id], 1, autogenerated=True
        ).generations


def _scene(look: Look, found: Inputs) -> Scene:
    resolution_id, background_id = look.resolution_preset_id, look.background_preset_id
    return Scene.of(
        look,
        found.products[look.product_id],
        found.subjects[look.subject_id],
        found.resolution_presets[resolution_id] if resolution_id else None,
        found.background_presets[background_id] if background_id else None,
    )
