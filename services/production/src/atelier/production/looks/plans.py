"""What a request wants of each product: its own configuration before the request's defaults."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from atelier.contracts.public.media import MediaInput
from atelier.production.looks.schemas import GenerateShootingLooksRequest, ProductOutfitConfig
from atelier.runtime.errors import InvalidError, Location

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Size:
    """A resolution preset, or width and height in pixels; neither where nothing was said.

    `loc` is where the client named it.
    """

    loc: Location
    resolution_preset_id: UUID | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, kw_only=True)
class Outfit:
    """What somebody wants worn beside a product, as it was sent; `loc` is the configuration's place."""

    loc: Location
    product_ids: tuple[UUID, ...]
    instruction: str | None
    images: tuple[str | MediaInput, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One product, and what each of its looks is to be."""

    product_id: UUID
    loc: Location
    """Where the client named the product."""
    size: Size
    background_preset_id: UUID | None
    background_loc: Location
    file_format: str
    instructions: str
    outfit: Outfit | None = None


def plans_of(body: GenerateShootingLooksRequest) -> list[Plan]:
    """A plan for each product of the request; what it can't have is refused, naming the field."""
    _refuse_what_comes_later(body)
    defaults = _sized(
        ("body",), "default_", body.default_resolution_preset_id, body.default_width, body.default_height
    )
    configs = body.product_outfit_configs
    if (body.product_ids is None) == (configs is None):
        msg = "Give exactly one of product_ids and product_outfit_configs."
        raise InvalidError.field("body", "product_ids", msg=msg)
    if configs is not None:
        return [_configured(body, defaults, place, config) for place, config in enumerate(configs)]
    products = enumerate(body.product_ids or ())
    first_places = {id_: place for place, id_ in reversed(list(products))}
    return [_plain(body, defaults, first_places[id_], id_) for id_ in without_repeats(body.product_ids or ())]


def without_repeats(items: Iterable[T]) -> list[T]:
    """Each once, in the order of their first places."""
    return list(dict.fromkeys(items))


def _refuse_what_comes_later(body: GenerateShootingLooksRequest) -> None:
    if body.product_filters is not None:
        msg = "Products can't be named by filters here; send product_ids or product_outfit_configs."
        raise InvalidError.field("body", "product_filters", msg=msg)
    if body.generate_outfit:
        msg = "No stylist proposes outfits here; send product_outfit_configs with outfits of your own."
        raise InvalidError.field("body", "generate_outfit", msg=msg)
    if body.default_style_id is not None:
        raise InvalidError.unknown("body", "default_style_id")
    if body.pose_preset_ids:
        raise InvalidError.unknown("body", "pose_preset_ids", 0)
    if body.set_design_id is not None:
        raise InvalidError.unknown("body", "set_design_id")


def _plain(body: GenerateShootingLooksRequest, size: Size, place: int, product_id: UUID) -> Plan:
    return Plan(
        product_id=product_id,
        loc=("body", "product_ids", place),
        size=size,
        background_preset_id=body.default_background_preset_id,
        background_loc=("body", "default_background_preset_id"),
        file_format=body.default_file_format,
        instructions=body.default_instructions,
    )


def _configured(
    body: GenerateShootingLooksRequest, defaults: Size, place: int, config: ProductOutfitConfig
) -> Plan:
    loc = ("body", "product_outfit_configs", place)
    if config.style_id is not None:
        raise InvalidError.unknown(*loc, "style_id")
    own = _sized(loc, "", config.resolution_preset_id, config.width, config.height)
    has_background = config.background_preset_id is not None
    return Plan(
        product_id=config.product_id,
        loc=(*loc, "product_id"),
        size=own if own.resolution_preset_id or own.width else defaults,
        background_preset_id=config.background_preset_id or body.default_background_preset_id,
        background_loc=(*loc, "background_preset_id")
        if has_background
        else ("body", "default_background_preset_id"),
        file_format=config.file_format if "file_format" in config.sent() else body.default_file_format,
        instructions=body.default_instructions,
        outfit=_outfit(loc, config),
    )


def _outfit(loc: Location, config: ProductOutfitConfig) -> Outfit | None:
    """The outfit of a configuration; none where it says nothing of one."""
    product_ids, images = tuple(config.outfit_product_ids), tuple(config.outfit_ref_imgs_urls or ())
    if not (product_ids or images or config.outfit_instruction):
        return None
    return Outfit(loc=loc, product_ids=product_ids, instruction=config.outfit_instruction, images=images)


def _sized(loc: Location, prefix: str, preset_id: UUID | None, width: int | None, height: int | None) -> Size:
    """A size of one kind; `InvalidError` for both kinds at once and for half a size."""
    if preset_id is not None and (width is not None or height is not None):
        msg = "Give a resolution preset, or width and height, not both."
        raise InvalidError.field(*loc, f"{prefix}resolution_preset_id", msg=msg)
    if (width is None) != (height is None):
        missing = "height" if height is None else "width"
        raise InvalidError.field(*loc, prefix + missing, msg="Give width and height together.")
    return Size(
        loc=(*loc, f"{prefix}resolution_preset_id"),
        resolution_preset_id=preset_id,
        width=width,
        height=height,
    )
