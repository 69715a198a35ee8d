"""Reading what new looks are made from, fresh from its owner."""

from __future__ import annotations

from collections.abc import Sequence

from atelier.contracts.background_presets import BackgroundPresetState
from atelier.contracts.products import ProductState
from atelier.contracts.resolution_presets import ResolutionPresetState
from atelier.contracts.shot_types import ShotTypeState
from atelier.contracts.subjects import SubjectState
from atelier.production.looks.casting import Inputs
from atelier.production.looks.plans import Plan
from atelier.production.looks.schemas import GenerateShootingLooksRequest
from atelier.runtime.auth import Principal
from atelier.runtime.errors import InvalidError
from atelier.runtime.references import References
from atelier.runtime.unit_of_work import UnitOfWork

MAX_PRODUCTS = 5000
"""Different products of one request, those of outfits too: what is read to decide on it is bounded."""


async def read(
    uow: UnitOfWork,
    references: References,
    principal: Principal,
    body: GenerateShootingLooksRequest,
    plans: Sequence[Plan],
) -> Inputs:
    """All that the request names; call it while no transaction is open.

    Raises `InvalidError` for too many products, `UnavailableError` where catalog can't be asked and
    the replica hasn't everything.
    """
    product_ids = {plan.product_id for plan in plans}
    product_ids.update(id_ for plan in plans if plan.outfit for id_ in plan.outfit.product_ids)
    if len(product_ids) > MAX_PRODUCTS:
        msg = f"A request names at most {MAX_PRODUCTS} different products, with those of outfits."
        raise InvalidError.field("body", "product_outfit_configs", msg=msg, type_="too_long")
    sizes = {id_ for plan in plans if (id_ := plan.size.resolution_preset_id)}
    backgrounds = {id_ for plan in plans if (id_ := plan.background_preset_id)}
    return Inputs(
        products=await references.fresh(uow, ProductState, product_ids, principal),
        subjects=await references.fresh(uow, SubjectState, set(body.subject_ids), principal),
        shot_types=await references.fresh(uow, ShotTypeState, set(body.shot_type_ids), principal),
        resolution_presets=await references.fresh(uow, ResolutionPresetState, sizes, principal),
        background_presets=await references.fresh(uow, BackgroundPresetState, backgrounds, principal),
    )
