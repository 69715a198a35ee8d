"""What every service may rely on in the shared public models."""

import json
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from pydantic import TypeAdapter, ValidationError

from atelier.contracts import enums
from atelier.contracts.public.guidelines import ShootingGuidelinesPublic
from atelier.contracts.public.looks import ShootingLookPublic
from atelier.contracts.public.media import MediaInput, MediaResourcePublic
from atelier.contracts.public.messages import Message
from atelier.contracts.public.model import PublicModel
from atelier.contracts.public.people import UserSummary
from atelier.contracts.public.presets import BackgroundPresetPublic, ResolutionPresetPublic
from atelier.contracts.types import UtcDatetime

MOMENT = TypeAdapter(UtcDatetime)
ID = "0198c0de-0000-7000-8000-000000000001"
OTHER_ID = "0198c0de-0000-7000-8000-000000000002"
NOON = "2026-03-01T12:00:00Z"
ENTITY = {"id": ID, "created_at": NOON, "updated_at": "2026-03-01T12:00:00.250000Z"}
OWNED = ENTITY | {"owner_id": ID, "organization_id": OTHER_ID, "deleted_at": NOON}

SHOT_STATUSES = [
    "PENDING",
    "PROPOSAL",
    "REJECTED",
    "POST_PROD",
    "POST_PROD_REJECTED",
    "REVIEW",
    "APPROVED",
]
CLOSED: dict[type[StrEnum], list[str]] = {
    enums.MediaResourceType: ["IMAGE", "VIDEO"],
    enums.MediaOrientation: ["portrait", "landscape", "square"],
    enums.ProductGender: ["MALE", "FEMALE", "UNISEX"],
    enums.PushStatus: ["PENDING", "IN_PROGRESS", "AWAITING_CONFIRMATION", "COMPLETED", "FAILED"],
    enums.ShotStatus: SHOT_STATUSES,
    enums.ShootingLookStatus: ["DRAFT", "READY"],
    enums.ShootingStatus: ["DRAFT", "READY", "WITHOUT_STATUS", *SHOT_STATUSES],
}
AGES = ["newborn", "infant", "toddler", "kid", "teen", "adult", "senior"]
OPEN: dict[type[StrEnum], list[str]] = {
    enums.Gender: ["MALE", "FEMALE"],
    enums.SubjectType: ["AI", "REAL"],
    enums.SubjectAgeClass: AGES,
    enums.AgeClass: AGES,
    enums.BodyType: ["slim", "regular", "athletic", "curvy", "plus_size", "pregnant"],
    enums.EyeColor: ["brown", "blue", "green", "hazel", "grey", "amber", "other"],
    enums.HairColor: ["black", "brown", "blonde", "red", "grey", "white", "other"],
    enums.ProductPlacement: [
        "FULL_BODY",
        "UPPER_BODY",
        "LOWER_BODY",
        "FEET",
        "HEAD",
        "ACCESSORY",
    ],
    enums.ProductShootingStatus: SHOT_STATUSES,
    enums.ViewAngle: ["front", "back", "left", "right", "three_quarter", "top"],
    enums.ShotTypeFraming: ["full_body", "upper_body", "lower_body", "close_up", "detail"],
    enums.DefaultShotTypes: [
        "front_full_body",
        "back_full_body",
        "left_full_body",
        "right_full_body",
        "front_upper_body",
        "back_upper_body",
        "front_lower_body",
        "back_lower_body",
        "front_close_up",
        "front_detail",
    ],
    enums.BackgroundFixStrategy: ["DEFAULT", "OVS"],
    enums.GuidelinesShotTypeRuleKind: ["PLACEMENT", "PRODUCT_TYPE", "CATEGORY", "GENDER"],
    enums.OutfitGenerationStatus: ["PENDING", "PROCESSING", "COMPLETED", "FAILED"],
    enums.ShotRevisionStatus: ["PENDING", "APPROVED", "REJECTED", "VOIDED"],
    enums.RevisionSource: ["PREDICTION", "REFINE", "UPLOAD"],
}


def media() -> dict[str, Any]:
    return {
        "id": ID,
        "created_at": NOON,
        "resource_type": "IMAGE",
        "url": f"https://cdn.example/media/{ID}/file.webp",
        "content_hash": "9e107d9d372bb6826bd81d3542a419d6",
        "extension": "webp",
        "file_size": 120_000,
        "width": 800,
        "height": 1000,
        "aspect_ratio": 0.8,
        "orientation": "portrait",
        "dominant_color": "#a1b2c3",
        "color_profile": "sRGB",
        "duration": 1.5,
        "protected": True,
        "alt_text": "a coat",
        "caption": "a red coat",
    }


def shot_type() -> dict[str, Any]:
    return OWNED | {
        "name": "front_full_body",
        "view_angle": "front",
        "framing": "full_body",
        "shot_type_ref_image_url": "https://cdn.example/ref.png",
        "shot_type_prompt_instruction": "stand straight",
        "file_naming_convention": "{product_sku}_1",
        "reference_image_url": "https://cdn.example/ref.png",
        "reference_image": media(),
        "prompt": "full body",
        "prompt_builder_section": "body",
        "core_focus": True,
        "default_shot_type": "front_full_body",
        "margins": "5%",
        "public": False,
    }


def subject() -> dict[str, Any]:
    return OWNED | {
        "name": "Ada",
        "surname": "L.",
        "slug": "ada-l",
        "description": "tall",
        "age_class": "adult",
        "gender": "FEMALE",
        "subject_type": "AI",
        "body_type": "regular",
        "ethnicity": "any",
        "positive_prompt": "smiling",
        "negative_prompt": "hat",
        "public": True,
        "enabled": True,
        "ready": True,
        "lora_status": "none",
        "lora_trigger": "ada",
        "cover_image_url": media()["url"],
        "cover_image_media": media(),
        "portrait_image_url": media()["url"],
        "portrait_image_media": media(),
        "data_image_urls": [media()["url"]],
        "data_images_media": [media()],
        "portfolio_images_media": [media()],
        "base_images": [
            {"shot_type_id": ID, "shot_type_label": "front_full_body", "image_url": media()["url"]}
        ],
        "measurements": {
            "id": ID,
            "height_cm": 178.0,
            "bust_cm": 84.5,
            "waist_cm": 61.0,
            "hips_cm": 89.0,
            "shoe_eu": 39.5,
            "eye_color": "green",
            "hair_color": "red",
        },
    }


def pose_preset() -> dict[str, Any]:
    return OWNED | {
        "name": "walk",
        "shot_type_id": ID,
        "prompt": "walking",
        "pose_image_url": media()["url"],
        "pose_image_media": media(),
    }


def set_design() -> dict[str, Any]:
    picture = ENTITY | {"image_media": media()}
    return OWNED | {
        "name": "beach",
        "description": "at dawn",
        "background_preset_id": ID,
        "reference_images": [picture | {"shot_type_id": ID, "label": "sea", "image_url": media()["url"]}],
        "base_images": [
            picture
            | {
                "shot_type_id": ID,
                "subject_id": ID,
                "variant_index": 1,
                "image_url": media()["url"],
            }
        ],
        "subject_portraits": [picture | {"subject_id": ID}],
    }


def guidelines() -> dict[str, Any]:
    return OWNED | {
        "name": "summer",
        "auto_start_look_generations": False,
        "allow_back_shots_without_back_image": True,
        "resolution_preset_id": ID,
        "background_preset_id": ID,
        "set_design_id": ID,
        "stylist_id": ID,
        "export_configuration_id": ID,
        "generative_workflow_template_id": ID,
        "shot_types": [shot_type()],
        "subjects": [subject()],
        "pose_presets": [pose_preset()],
        "set_design": set_design(),
        "shot_type_rules": [{"rule_kind": "PLACEMENT", "rule_value": "FEET", "shot_types": [shot_type()]}],
        "file_format": "PNG",
    }


def product() -> dict[str, Any]:
    texts = (
        "sku name brand master_item_code product_family product_type zone type category "
        "sleeve_type neckline closure_type fit_type length_type pattern materials colour season "
        "style_code theme brand_collection description back_description ecommerce_description "
        "cover_image_url back_image_url integration_name"
    )
    flags = dict.fromkeys(("public", "enabled", "archived", "demo", "is_filler"), True)
    owner = {"owner_id": ID, "organization_id": OTHER_ID}
    return {**ENTITY, **owner, **flags, **{field: field for field in texts.split()}} | {
        "product_type_id": ID,
        "gender": "UNISEX",
        "age_class": "adult",
        "placement": "FEET",
        "year": 2026,
        "in_store_date": NOON,
        "brand_metadata": {"lines": [1, None, {"deep": "value"}]},
        "cover_image_media": media(),
        "back_image_media": media(),
        "reference_images": ["https://cdn.example/1.png"],
        "reference_images_media": [media()],
        "data_image_urls": ["https://cdn.example/1.png"],
        "shot_status": "REVIEW",
        "shot_status_shooting_look_id": ID,
        "exports_completed": 1,
        "exports_total": 2,
        "shots": [{"id": ID}, None],
    }


def user() -> dict[str, Any]:
    return {"id": ID, "email": "ada@example.com", "full_name": "Ada L."}


def outfit() -> dict[str, Any]:
    return ENTITY | {
        "shooting_look_id": ID,
        "outfit_instruction": "tuck in",
        "outfit_product_ids": [ID],
        "outfit_products": [product()],
        "outfit_ref_imgs_urls": [media()["url"]],
        "outfit_ref_images_media": [media()],
        "generation_status": "COMPLETED",
        "generation_error": "none",
        "retry_count": 1,
    }


def revision() -> dict[str, Any]:
    image = ENTITY | {
        "shot_revision_id": ID,
        "source_type": "PREDICTION",
        "autogenerated": True,
        "prediction_id": ID,
        "refine_id": ID,
        "image_url": media()["url"],
        "image_media": media(),
        "sketch_image_url": media()["url"],
        "sketch_image_media": media(),
        "effective_image_url": media()["url"],
        "notes": "darker",
    }
    push = ENTITY | {
        "integration_id": ID,
        "push_status": "FAILED",
        "pushed_at": NOON,
        "completed_at": NOON,
        "error_message": "away",
    }
    return ENTITY | {
        "shot_id": ID,
        "version": 1,
        "display_name": "v1",
        "notes": "first",
        "shot_status": "REVIEW",
        "shot_revision_status": "PENDING",
        "owner_id": ID,
        "owner": user(),
        "previous_revision_id": OTHER_ID,
        "images": [image],
        "effective_image_url": media()["url"],
        "push_records": [push],
        "push_status": "FAILED",
    }


def look() -> dict[str, Any]:
    shot = ENTITY | {
        "shooting_look_id": ID,
        "shot_type": shot_type(),
        "pose_preset_id": ID,
        "status": "REVIEW",
        "rework_available": 3,
        "rework_used": 0,
        "current_revision_id": ID,
        "revisions": [revision()],
    }
    return ENTITY | {
        "shooting_id": ID,
        "subject_id": ID,
        "subject_name": "Ada",
        "product_id": ID,
        "product_name": "coat",
        "product_sku": "C-1",
        "product_cover_image_url": media()["url"],
        "style_id": ID,
        "resolution_preset_id": ID,
        "width": 800,
        "height": 1000,
        "background_preset_id": ID,
        "set_design_id": ID,
        "set_design": set_design(),
        "file_format": "PNG",
        "status": "READY",
        "shot_status": "REVIEW",
        "assignee_id": ID,
        "assignee": user(),
        "pose_presets": [pose_preset()],
        "shots": [shot],
        "outfit_proposals": [outfit()],
        "outfit_id": ID,
        "outfit": outfit(),
        "outfit_ref_imgs_urls": [media()["url"]],
        "outfit_instruction": "tuck in",
        "outfit_product_ids": [ID],
    }


def background_preset() -> dict[str, Any]:
    framing = ENTITY | {
        "framing": "detail",
        "image_url": media()["url"],
        "image_media": media(),
    }
    return OWNED | {
        "name": "grey",
        "framings": [framing],
        "cover_image_url": media()["url"],
        "strategy": "OVS",
    }


@pytest.mark.parametrize(
    "written", ["2026-03-01T12:00:00Z", "2026-03-01T14:00:00+02:00", "2026-03-01T12:00:00"]
)
def test_a_moment_is_held_in_utc_and_written_with_z(written: str) -> None:
    moment = MOMENT.validate_python(written)

    assert moment == datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert moment.utcoffset() == timedelta(0)
    assert MOMENT.dump_json(moment) == b'"2026-03-01T12:00:00Z"'


def test_a_moment_given_as_an_object_is_held_in_utc_too() -> None:
    kathmandu = timezone(timedelta(hours=5, minutes=45))

    assert MOMENT.validate_python(datetime(2026, 3, 1, 12)).tzinfo is UTC  # noqa: DTZ001
    aware = MOMENT.validate_python(datetime(2026, 3, 1, 17, 45, tzinfo=kathmandu))
    assert MOMENT.dump_json(aware) == b'"2026-03-01T12:00:00Z"'


def test_a_moment_keeps_its_microseconds() -> None:
    written = b'"2026-03-01T12:00:00.000001Z"'

    assert MOMENT.dump_json(MOMENT.validate_json(written)) == written


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_outside_of_the_years_1_to_9999_is_a_validation_error(written: str) -> None:
    with pytest.raises(ValidationError, match="outside of the years 1 to 9999") as caught:
        MOMENT.validate_python(written)

    assert caught.value.errors()[0]["type"] == "value_error"


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"])
def test_the_first_and_the_last_moment_are_fine(written: str) -> None:
    assert json.loads(MOMENT.dump_json(MOMENT.validate_python(written))) == written


def test_a_moment_is_a_date_time_string_in_the_schema() -> None:
    assert MOMENT.json_schema() == {"type": "string", "format": "date-time"}


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (ShootingGuidelinesPublic, guidelines()),
        (ShootingLookPublic, look()),
        (BackgroundPresetPublic, background_preset()),
        (ResolutionPresetPublic, OWNED | {"name": "A4", "width": 2480, "height": 3508}),
        (Message, {"message": "Shooting deleted."}),
    ],
)
def test_a_fully_populated_body_comes_back_as_it_went_in(
    model: type[PublicModel], body: dict[str, Any]
) -> None:
    read = model.model_validate(body)

    assert read.model_dump(mode="json") == body
    assert model.model_validate_json(read.model_dump_json()) == read
    assert not unset_fields(read), "the example must populate everything"


def unset_fields(model: PublicModel) -> set[str]:
    """Name the fields, at any depth, that a model got from defaults or that are empty."""
    found = {f"{type(model).__name__}.{name}" for name, value in model if value in (None, ())}
    found |= {f"{type(model).__name__}.{n}" for n in model.__pydantic_fields__} - {
        f"{type(model).__name__}.{n}" for n in model.model_fields_set
    }
    for _, value in model:
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, PublicModel):
                found |= unset_fields(part)
    return found


def test_a_body_is_read_off_an_object_by_attribute_and_cannot_be_changed() -> None:
    row = SimpleNamespace(id=UUID(ID), email="ada@example.com", full_name=None, password="x")
    summary = UserSummary.model_validate(row)

    assert summary.model_dump(mode="json") == user() | {"full_name": None}
    with pytest.raises(ValidationError, match="frozen"):
        summary.full_name = "Eve"  # type: ignore[misc]


@pytest.mark.parametrize("missing", ["resolution_preset_id", "background_preset_id"])
def test_a_field_that_is_always_there_may_be_null_but_not_missing(missing: str) -> None:
    ShootingGuidelinesPublic.model_validate(guidelines() | {missing: None})
    with pytest.raises(ValidationError, match=missing):
        ShootingGuidelinesPublic.model_validate({k: v for k, v in guidelines().items() if k != missing})


@pytest.mark.parametrize("given", [{}, {"url": "https://x/temp/1", "media_resource_id": ID}])
def test_media_input_takes_exactly_one_source(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="exactly one of url and media_resource_id"):
        MediaInput.model_validate(given)


@pytest.mark.parametrize("given", [{"url": "https://x/temp/1"}, {"media_resource_id": ID}])
def test_media_input_tells_what_was_sent_from_what_was_left_out(given: dict[str, str]) -> None:
    assert MediaInput.model_validate(given).model_fields_set == set(given)


@pytest.mark.parametrize(
    "wrong", [{"width": 0}, {"height": 2**31}, {"duration": float("inf")}, {"duration": -1}]
)
def test_media_input_refuses_impossible_hints(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        MediaInput.model_validate({"media_resource_id": ID, **wrong})


def test_a_media_resource_refuses_a_kind_that_nobody_defined() -> None:
    with pytest.raises(ValidationError, match="resource_type"):
        MediaResourcePublic.model_validate(media() | {"resource_type": "SCENT"})


@pytest.mark.parametrize(("enum", "values"), CLOSED.items())
def test_a_closed_enum_has_exactly_its_values(enum: type[StrEnum], values: list[str]) -> None:
    assert sorted(enum) == sorted(values)


@pytest.mark.parametrize(("enum", "values"), OPEN.items())
def test_an_open_enum_only_ever_grows(enum: type[StrEnum], values: list[str]) -> None:
    assert set(values) <= set(enum)
