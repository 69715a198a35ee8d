"""States of the road: what they hold, and how clients see them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from atelier.contracts import documents
from atelier.contracts.background_presets import BackgroundPresetCreated, BackgroundPresetState
from atelier.contracts.generations import GenerationState, PredictionCompleted, PredictionState
from atelier.contracts.looks import LookCreated
from atelier.contracts.media import Attaching, MediaIngested
from atelier.contracts.model import Event
from atelier.contracts.products import ProductCreated, ProductState
from atelier.contracts.public.media import Cdn
from atelier.contracts.public.presets import BackgroundPresetPublic
from atelier.contracts.public.product_filters import ProductFilters
from atelier.contracts.public.products import ProductPublic
from atelier.contracts.public.shot_types import ShotTypePublic
from atelier.contracts.public.subjects import SubjectPublic
from atelier.contracts.shot_types import ShotTypeCreated
from atelier.contracts.shots import ShotRevisionCreated
from atelier.contracts.subjects import SubjectUpdated
from atelier.contracts.topics import TOPICS, Topics

EXAMPLES = Path(__file__).parents[1] / "examples"
CDN = Cdn("https://cdn.example.com")


def state_of(event: type[Event[Any]]) -> Any:
    """The state of an event's example."""
    return event.read(json.dumps(documents.example(EXAMPLES, event)["payload"])).state


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (ProductCreated, [("PRODUCT", slot) for slot in ("cover_image", "back_image", "reference_images")]),
        (SubjectUpdated, [("SUBJECT", "cover_image"), ("SUBJECT_BASE_IMAGE", "image")]),
        (BackgroundPresetCreated, [("BACKGROUND_PRESET_FRAMING", "image")]),
        (LookCreated, [("OUTFIT", "outfit_ref_images")]),
        (ShotRevisionCreated, [("SHOT_REVISION_IMAGE", "image"), ("SHOT_REVISION_IMAGE", "sketch")]),
        (PredictionCompleted, [("PREDICTION", "result_image")]),
        (ShotTypeCreated, []),
    ],
)
def test_a_state_says_which_files_it_holds(event: type[Event[Any]], expected: list[tuple[str, str]]) -> None:
    uses = list(state_of(event).attached())
    assert [(use.entity_type, use.slot) for use in uses] == expected


def test_every_state_with_stored_files_says_what_it_holds() -> None:
    for topic in TOPICS:
        if issubclass(topic.state, Attaching):
            assert topic.state.attached is not Attaching.attached, topic.name
        elif topic.state is not MediaIngested.model_fields["state"].annotation:
            schema = json.dumps(topic.state.model_json_schema())
            assert "StoredMedia" not in schema, topic.name


def test_positions_count_from_zero_in_a_list_and_are_none_in_a_slot_for_one() -> None:
    product: ProductState = state_of(ProductCreated)
    several = product.model_copy(update={"reference_images": product.reference_images * 3})
    assert [use.position for use in several.attached()] == [None, None, 0, 1, 2]


def test_a_product_is_shown_with_absolute_urls_and_its_old_names() -> None:
    product: ProductState = state_of(ProductCreated)
    shown = ProductPublic.of(product, CDN, exports_total=0)
    assert product.cover_image is not None
    assert shown.cover_image_url == f"https://cdn.example.com/{product.cover_image.key}"
    assert shown.cover_image_media is not None
    assert shown.cover_image_media.url == shown.cover_image_url
    assert shown.type == shown.product_type == "cardigan"
    assert shown.data_image_urls == shown.reference_images
    assert (shown.exports_total, shown.shot_status) == (0, None)


def test_a_product_without_pictures_is_shown_without_urls() -> None:
    product: ProductState = state_of(ProductCreated)
    bare = product.model_copy(update={"cover_image": None, "back_image": None, "reference_images": ()})
    shown = ProductPublic.of(bare, CDN)
    assert (shown.cover_image_url, shown.cover_image_media, shown.reference_images) == (None, None, ())


def test_a_subject_is_shown_with_base_images_and_measurements() -> None:
    shown = SubjectPublic.of(state_of(SubjectUpdated), CDN)
    (base,) = shown.base_images
    assert base.image_url.startswith("https://cdn.example.com/media/")
    assert shown.measurements is not None
    assert shown.measurements.height_cm == 178


def test_a_shot_type_is_shown_without_a_reference_where_it_has_none() -> None:
    shown = ShotTypePublic.of(state_of(ShotTypeCreated), CDN)
    assert (shown.reference_image_url, shown.owner_id, shown.public) == (None, None, True)


def test_the_first_picture_of_a_background_is_its_cover() -> None:
    preset: BackgroundPresetState = state_of(BackgroundPresetCreated)
    shown = BackgroundPresetPublic.of(preset, CDN)
    assert shown.cover_image_url == shown.framings[0].image_url


def test_a_framing_without_a_picture_of_its_own_falls_back_on_the_one_for_all() -> None:
    preset: BackgroundPresetState = state_of(BackgroundPresetCreated)
    (fallback,) = preset.framings
    own = fallback.model_copy(
        update={"framing": "detail", "image": fallback.image.model_copy(update={"key": "x"})}
    )
    both = preset.model_copy(update={"framings": (fallback, own)})
    assert both.image_for("detail") == own.image
    assert both.image_for("full_body") == fallback.image
    assert preset.model_copy(update={"framings": (own,)}).image_for("full_body") is None


def test_a_stored_file_is_carried_as_it_was_ingested() -> None:
    resource = state_of(MediaIngested)
    stored = resource.stored()
    assert (stored.id, stored.key, stored.crc32) == (resource.id, resource.key, resource.crc32)


def test_an_inner_state_is_read_from_the_owner_of_its_aggregate() -> None:
    topics = Topics(TOPICS)
    assert topics.owner_of(PredictionState) == topics.owner_of(GenerationState) == "generation"


@pytest.mark.parametrize("body", [{"colour": "red"}, {"limit": 0}, {"archived": "yes"}, {"sort_by": "price"}])
def test_filters_refuse_what_they_dont_know(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ProductFilters.model_validate(body)


def test_filters_take_what_the_list_takes() -> None:
    filters = ProductFilters.model_validate({"shooting_id": str(UUID(int=1)), "shot_statuses": ["READY"]})
    assert filters.sort_order == "desc"
