"""Who wears what: products on the subjects that fit them, out of what catalog says of both now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from atelier.contracts.background_presets import BackgroundPresetState
from atelier.contracts.enums import ProductGender
from atelier.contracts.model import State
from atelier.contracts.products import ProductState
from atelier.contracts.resolution_presets import ResolutionPresetState
from atelier.contracts.shot_types import ShotTypeState
from atelier.contracts.subjects import SubjectState
from atelier.production.looks.plans import Plan
from atelier.production.looks.schemas import LARGEST_SIDE, MAX_LOOKS, GenerateShootingLooksRequest
from atelier.runtime.authorization import Owned
from atelier.runtime.errors import InvalidError, Location, Problem
from atelier.runtime.references import may_refer

S = TypeVar("S", bound=State)


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What catalog says now of everything that a request names; what it doesn't know isn't in them."""

    products: Mapping[UUID, ProductState]
    subjects: Mapping[UUID, SubjectState]
    shot_types: Mapping[UUID, ShotTypeState]
    resolution_presets: Mapping[UUID, ResolutionPresetState]
    background_presets: Mapping[UUID, BackgroundPresetState]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One look to be: a plan's product on a subject."""

    plan: Plan
    product: ProductState
    subject: SubjectState


def cast(
    shooting: Owned, body: GenerateShootingLooksRequest, plans: Sequence[Plan], inputs: Inputs
) -> list[Part]:
    """A part for each product and each subject that fits it, in the request's order.

    Raises `InvalidError` for what the shooting may not refer to, can't be used, or fits nobody, each
    at its place, and for more looks than one request may make.
    """
    subjects = _subjects(shooting, body, inputs)
    for plan in plans:
        _require_presets(shooting, plan, inputs)
        _require_outfit(shooting, plan, inputs)
    products = [_product(shooting, plan, inputs) for plan in plans]
    fitting = [_fitting(product, subjects, body.unisex_gender_preference) for product in products]
    _require_somebody(plans, products, fitting)
    if sum(map(len, fitting)) > MAX_LOOKS:
        msg = f"This would make {sum(map(len, fitting))} looks; a request makes at most {MAX_LOOKS}."
        raise InvalidError.field("body", "subject_ids", msg=msg, type_="too_long")
    return [
        Part(plan=plan, product=product, subject=subject)
        for plan, product, fit in zip(plans, products, fitting, strict=True)
        for subject in fit
    ]


def shot_types_of(shooting: Owned, body: GenerateShootingLooksRequest, inputs: Inputs) -> list[ShotTypeState]:
    """The shot types that every look gets a shot of, each once."""
    known = {
        id_: _referred(shooting, inputs.shot_types, id_, "body", "shot_type_ids", place)
        for place, id_ in enumerate(body.shot_type_ids)
    }
    return list(known.values())


def fits(product: ProductState, subject: SubjectState, preference: ProductGender | None) -> bool:
    """Whether the subject may wear it: one for everybody goes with those that the preference names."""
    wanted = product.gender
    if wanted == ProductGender.UNISEX:
        wanted = preference or ProductGender.UNISEX
    return wanted == ProductGender.UNISEX or wanted == subject.gender


def _fitting(
    product: ProductState, subjects: Sequence[SubjectState], preference: ProductGender | None
) -> list[SubjectState]:
    return [subject for subject in subjects if fits(product, subject, preference)]


def _subjects(shooting: Owned, body: GenerateShootingLooksRequest, inputs: Inputs) -> list[SubjectState]:
    if not body.subject_ids:
        raise InvalidError.field("body", "subject_ids", msg="Name at least one subject.", type_="too_short")
    subjects = []
    for place, id_ in enumerate(body.subject_ids):
        loc: Location = ("body", "subject_ids", place)
        subject = _referred(shooting, inputs.subjects, id_, *loc)
        if not subject.enabled or not subject.ready:
            msg = f"The subject {subject.name!r} isn't ready for new looks."
            raise InvalidError.field(*loc, msg=msg, type_="not_ready")
        subjects.append(subject)
    return list({subject.id: subject for subject in subjects}.values())


def _product(shooting: Owned, plan: Plan, inputs: Inputs) -> ProductState:
    product = _usable_product(shooting, inputs, plan.product_id, *plan.loc)
    if product.is_filler:
        msg = f"The product {product.name!r} is a filler: it completes outfits and has no look of its own."
        raise InvalidError.field(*plan.loc, msg=msg, type_="filler")
    return product


def _usable_product(shooting: Owned, inputs: Inputs, id_: UUID, *loc: str | int) -> ProductState:
    product = _referred(shooting, inputs.products, id_, *loc)
    if product.archived:
        msg = f"The product {product.name!r} is archived; take it out of the archive first."
        raise InvalidError.field(*loc, msg=msg, type_="archived")
    if not product.enabled:
        msg = f"The product {product.name!r} is still a draft; complete it first."
        raise InvalidError.field(*loc, msg=msg, type_="not_ready")
    return product


def _require_outfit(shooting: Owned, plan: Plan, inputs: Inputs) -> None:
    if plan.outfit is None:
        return
    for place, id_ in enumerate(plan.outfit.product_ids):
        _usable_product(shooting, inputs, id_, *plan.outfit.loc, "outfit_product_ids", place)


def _require_presets(shooting: Owned, plan: Plan, inputs: Inputs) -> None:
    preset_id, background_id = plan.size.resolution_preset_id, plan.background_preset_id
    if preset_id is not None:
        preset = _referred(shooting, inputs.resolution_presets, preset_id, *plan.size.loc)
        if max(preset.width, preset.height) > LARGEST_SIDE:
            msg = f"Pictures are at most {LARGEST_SIDE} pixels wide and high."
            raise InvalidError.field(*plan.size.loc, msg=msg)
    if background_id is not None:
        _referred(shooting, inputs.background_presets, background_id, *plan.background_loc)


def _require_somebody(
    plans: Sequence[Plan], products: Sequence[ProductState], fitting: Sequence[Sequence[SubjectState]]
) -> None:
    """Raise `InvalidError` that names every product which none of the subjects fits."""
    problems = [
        Problem(plan.loc, f"None of the subjects fits the product {product.name!r} ({product.gender}).")
        for plan, product, fit in zip(plans, products, fitting, strict=True)
        if not fit
    ]
    if problems:
        raise InvalidError(problems)


def _referred(shooting: Owned, states: Mapping[UUID, S], id_: UUID, *loc: str | int) -> S:
    state = states.get(id_)
    if state is None or not may_refer(shooting, state):
        raise InvalidError.unknown(*loc)
    return state
