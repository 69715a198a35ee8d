"""Looks as clients see them, prepared in a constant number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from atelier.contracts.products import ProductState
from atelier.contracts.public.media import Cdn
from atelier.contracts.public.people import UserSummary
from atelier.contracts.public.products import ProductPublic
from atelier.contracts.subjects import SubjectState
from atelier.contracts.users import UserState
from atelier.production.looks.creating import Made
from atelier.production.looks.models import Look, Outfit
from atelier.production.shots import answers as shots_answers
from atelier.runtime.http.prepared import Prepared, Written
from atelier.runtime.references import References
from atelier.runtime.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class Told:
    """What others say of what looks refer to; what nobody ever told of isn't in it."""

    products: Mapping[UUID, ProductState]
    subjects: Mapping[UUID, SubjectState]
    assignees: Mapping[UUID, UserState] = field(default_factory=dict)


async def show_looks(
    uow: UnitOfWork, references: References, cdn: Cdn, looks: Sequence[Look]
) -> list[Prepared]:
    """Looks with their shots, in the given order; what was changed has to be flushed before."""
    shots_of = await shots_answers.show_of_looks(uow, references, cdn, [look.id for look in looks])
    return show(cdn, looks, await _told(uow, references, looks), shots_of)


def show(
    cdn: Cdn, looks: Sequence[Look], told: Told, shots_of: Mapping[UUID, Sequence[Prepared | Written]]
) -> list[Prepared]:
    """Looks with what others say and the shots that were prepared of each."""
    outfits = _Outfits(cdn, told.products)
    return [_look(cdn, look, told, outfits.show(look.outfit), shots_of.get(look.id, ())) for look in looks]


def show_made(cdn: Cdn, made: Made) -> Prepared:
    """A `GenerateShootingLooksResponse`."""
    shots_of: defaultdict[UUID, list[Prepared]] = defaultdict(list)
    shown = shots_answers.show_planned(made.shots, made.shot_types, cdn)
    for shot, answer in zip(made.shots, shown, strict=True):
        shots_of[shot.look_id].append(answer)
    told = Told(products=made.inputs.products, subjects=made.inputs.subjects)
    return {
        "looks": show(cdn, made.looks, told, shots_of),
        "generation_results": [one.model_dump(mode="json") for one in made.generations],
        "total_generations_created": len(made.generations),
    }


async def _told(uow: UnitOfWork, references: References, looks: Sequence[Look]) -> Told:
    products = {look.product_id for look in looks}
    products.update(UUID(id_) for look in looks if look.outfit for id_ in look.outfit.outfit_product_ids)
    assignees = {look.assignee_id for look in looks if look.assignee_id}
    return Told(
        products=await references.shown(ProductState, products, uow),
        subjects=await references.shown(SubjectState, {look.subject_id for look in looks}, uow),
        assignees=await references.shown(UserState, assignees, uow),
    )


def _look(
    cdn: Cdn, look: Look, told: Told, outfit: Prepared | None, shots_of: Sequence[Prepared | Written]
) -> Prepared:
    """A `ShootingLookPublic`. Set designs, poses and proposals of outfits don't exist yet."""
    product, subject = told.products.get(look.product_id), told.subjects.get(look.subject_id)
    assignee = told.assignees.get(look.assignee_id) if look.assignee_id else None
    return {
        "id": str(look.id),
        "created_at": look.created_at,
        "updated_at": look.updated_at,
        "shooting_id": str(look.shooting_id),
        "subject_id": str(look.subject_id),
        "subject_name": full_name(subject),
        "product_id": str(look.product_id),
        "product_name": product and product.name,
        "product_sku": product and product.sku,
        "product_cover_image_url": product and cdn.url(product.cover_image),
        "style_id": _id(look.style_id),
        "resolution_preset_id": _id(look.resolution_preset_id),
        "width": look.width,
        "height": look.height,
        "background_preset_id": _id(look.background_preset_id),
        "set_design_id": _id(look.set_design_id),
        "set_design": None,
        "file_format": look.file_format,
        "status": look.status,
        "shot_status": look.shot_status,
        "assignee_id": _id(look.assignee_id),
        "assignee": assignee and UserSummary.model_validate(assignee).model_dump(mode="json"),
        "pose_presets": (),
        "shots": shots_of,
        "outfit_proposals": (),
        "outfit_id": _id(look.outfit_id),
        "outfit": outfit,
        "outfit_ref_imgs_urls": outfit["outfit_ref_imgs_urls"] if outfit else (),
        "outfit_instruction": outfit and outfit["outfit_instruction"],
        "outfit_product_ids": outfit["outfit_product_ids"] if outfit else (),
    }


class _Outfits:
    """Prepares outfits; a product that is in several is prepared once."""

    def __init__(self, cdn: Cdn, products: Mapping[UUID, ProductState]) -> None:
        self._cdn = cdn
        self._products = products
        self._shown: dict[UUID, Prepared] = {}

    def show(self, outfit: Outfit | None) -> Prepared | None:
        """A `ShootingLookOutfitPublic` that a person made."""
        if outfit is None:
            return None
        known = [id_ for text in outfit.outfit_product_ids if (id_ := UUID(text)) in self._products]
        stored = (shots_answers.show_media(image, self._cdn) for image in outfit.outfit_ref_images)
        images = [image for image in stored if image is not None]
        return {
            "id": str(outfit.id),
            "created_at": outfit.created_at,
            "updated_at": outfit.updated_at,
            "shooting_look_id": str(outfit.look_id),
            "outfit_instruction": outfit.outfit_instruction,
            "outfit_product_ids": outfit.outfit_product_ids,
            "outfit_products": [self._product(id_) for id_ in known],
            "outfit_ref_imgs_urls": [image["url"] for image in images],
            "outfit_ref_images_media": images,
            "generation_status": None,
            "generation_error": None,
            "retry_count": 0,
        }

    def _product(self, id_: UUID) -> Prepared:
        if id_ not in self._shown:
            public = ProductPublic.of(self._products[id_], self._cdn)
            self._shown[id_] = public.model_dump(mode="json")
        return self._shown[id_]


def full_name(subject: SubjectState | None) -> str | None:
    if subject is None:
        return None
    return f"{subject.name} {subject.surname}" if subject.surname else subject.name


def _id(id_: UUID | None) -> str | None:
    return None if id_ is None else str(id_)
