"""Looks are made of products on the subjects that fit them: all of a request, or none."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from atelier.contracts.products import ProductState
from atelier.contracts.public.looks import ShootingLookPublic
from atelier.production.looks.models import Look
from atelier.production.looks.schemas import GenerateShootingLooksResponse
from atelier.production.shootings.models import Shooting
from atelier.production.shots.models import Shot

SHOOTINGS = "/api/v1/shootings/"
NOBODYS = "00000000-0000-7000-8000-000000000404"
"""An id that nothing has."""


async def test_a_look_is_answered_with_every_field(studio: Any) -> None:
    front = studio.shot_type()
    product, subject = studio.product(), studio.subject(surname="Byron")
    shooting = await studio.shooting()
    answer = await studio.ask(shooting, product_ids=[product], subject_ids=[subject], shot_type_ids=[front])
    assert answer.status_code == 201
    body = answer.json()
    (look,) = body["looks"]
    (shot,) = look["shots"]
    assert (body["generation_results"], body["total_generations_created"]) == ([], 0)
    cdn = studio.service.settings.cdn
    assert look == {
        "id": look["id"],
        "created_at": look["created_at"],
        "updated_at": look["created_at"],
        "shooting_id": shooting,
        "subject_id": str(subject.id),
        "subject_name": "Ada Byron",
        "product_id": str(product.id),
        "product_name": "Dress",
        "product_sku": product.sku,
        "product_cover_image_url": cdn.url(product.cover_image),
        "style_id": None,
        "resolution_preset_id": None,
        "width": None,
        "height": None,
        "background_preset_id": None,
        "set_design_id": None,
        "set_design": None,
        "file_format": "JPG",
        "status": "READY",
        "shot_status": "PENDING",
        "assignee_id": None,
        "assignee": None,
        "pose_presets": [],
        "shots": [shot],
        "outfit_proposals": [],
        "outfit_id": None,
        "outfit": None,
        "outfit_ref_imgs_urls": [],
        "outfit_instruction": None,
        "outfit_product_ids": [],
    }
    assert (shot["status"], shot["shooting_look_id"]) == ("PENDING", look["id"])
    assert (shot["shot_type"]["name"], shot["revisions"]) == ("front_full_body", [])
    GenerateShootingLooksResponse.model_validate_json(answer.content)


async def test_every_read_answers_what_was_made(studio: Any) -> None:
    shot_types = [studio.shot_type(), studio.shot_type("back_full_body")]
    products, subjects = [studio.product(), studio.product()], [studio.subject(), studio.subject()]
    shooting = await studio.shooting()
    made = await studio.looks(shooting, product_ids=products, subject_ids=subjects, shot_type_ids=shot_types)
    assert [(look["product_id"], look["subject_id"]) for look in made] == [
        (str(product.id), str(subject.id)) for product in products for subject in subjects
    ]
    newest_first = made[::-1]
    assert await studio.listed(shooting) == {"data": newest_first, "count": 4}
    assert (await studio.read(shooting))["looks"] == newest_first
    for look in made:
        for path in (f"{SHOOTINGS}{shooting}/looks/{look['id']}", f"{SHOOTINGS}looks/{look['id']}"):
            answer = await studio.client.get(path)
            assert (answer.status_code, answer.json(), answer.headers["etag"]) == (200, look, '"1"')
            assert answer.json().keys() == ShootingLookPublic.model_fields.keys()


async def test_each_look_and_shot_is_told_of_once(studio: Any) -> None:
    front, background, resolution = studio.shot_type(), studio.background(), studio.resolution()
    shooting = await studio.shooting()
    (look,) = await studio.looks(
        shooting,
        product_ids=[studio.product()],
        subject_ids=[studio.subject()],
        shot_type_ids=[front],
        default_background_preset_id=background,
        default_resolution_preset_id=resolution,
        default_file_format="png",
        default_instructions="Smile.",
    )
    (told,) = await studio.told(look["id"])
    state = told.event.state
    assert (told.type, told.version) == ("LookCreated", 1)
    assert (str(state.shooting_id), str(state.product_id)) == (shooting, look["product_id"])
    assert (state.background_preset_id, state.resolution_preset_id) == (background.id, resolution.id)
    assert (state.file_format, state.instructions, state.owner_id) == (
        "PNG",
        "Smile.",
        studio.principal.user_id,
    )
    (planned,) = await studio.told(look["shots"][0]["id"])
    assert (planned.type, str(planned.event.state.look_id)) == ("ShotCreated", look["id"])


@pytest.mark.parametrize(
    ("gender", "preference", "worn_by"),
    [
        ("FEMALE", None, {"FEMALE"}),
        ("MALE", None, {"MALE"}),
        ("UNISEX", None, {"FEMALE", "MALE"}),
        ("UNISEX", "UNISEX", {"FEMALE", "MALE"}),
        ("UNISEX", "MALE", {"MALE"}),
        ("UNISEX", "FEMALE", {"FEMALE"}),
        ("FEMALE", "MALE", {"FEMALE"}),
    ],
)
async def test_products_go_on_the_subjects_that_fit(
    studio: Any, gender: str, preference: str | None, worn_by: set[str]
) -> None:
    subjects = {studio.subject(gender=one): one for one in ("FEMALE", "MALE")}
    by_id = {str(subject.id): one for subject, one in subjects.items()}
    looks = await studio.looks(
        await studio.shooting(),
        product_ids=[studio.product(gender=gender)],
        subject_ids=list(subjects),
        unisex_gender_preference=preference,
    )
    assert {by_id[look["subject_id"]] for look in looks} == worn_by


async def test_what_is_named_twice_makes_one_look(studio: Any) -> None:
    front, product, subject = studio.shot_type(), studio.product(), studio.subject()
    (look,) = await studio.looks(
        await studio.shooting(),
        product_ids=[product, product],
        subject_ids=[subject, subject],
        shot_type_ids=[front, front],
    )
    assert len(look["shots"]) == 1


async def test_a_look_may_be_a_draft_and_may_be_without_shots(studio: Any) -> None:
    shooting, subject = await studio.shooting(), studio.subject()
    front = studio.shot_type()
    (bare,) = await studio.looks(shooting, product_ids=[studio.product()], subject_ids=[subject])
    assert (bare["status"], bare["shot_status"], bare["shots"]) == ("READY", None, [])
    read = await studio.read(shooting)
    assert (read["status"], read["shot_status"]) == ("READY", None)
    (draft,) = await studio.looks(
        shooting,
        product_ids=[studio.product()],
        subject_ids=[subject],
        shot_type_ids=[front],
        status="DRAFT",
    )
    assert (draft["status"], draft["shot_status"]) == ("DRAFT", "PENDING")
    read = await studio.read(shooting)
    assert (read["status"], read["shot_status"]) == ("DRAFT", "PENDING")


async def test_a_configuration_has_its_own_before_the_defaults(studio: Any) -> None:
    subject, shooting = studio.subject(), await studio.shooting()
    presets, backgrounds = [studio.resolution(), studio.resolution()], [studio.background() for _ in "ab"]
    looks = await studio.looks(
        shooting,
        product_outfit_configs=[
            {"product_id": studio.product()},
            {"product_id": studio.product(), "resolution_preset_id": presets[1], "file_format": "WEBP"},
            {"product_id": studio.product(), "width": 512, "height": 768},
            {"product_id": studio.product(), "background_preset_id": backgrounds[1], "file_format": "JPG"},
        ],
        subject_ids=[subject],
        default_resolution_preset_id=presets[0],
        default_background_preset_id=backgrounds[0],
        default_file_format="PNG",
    )
    first, second, wall, other = (str(one.id) for one in (*presets, *backgrounds))
    fields = ("resolution_preset_id", "width", "height", "background_preset_id", "file_format")
    assert [tuple(look[name] for name in fields) for look in looks] == [
        (first, None, None, wall, "PNG"),
        (second, None, None, wall, "WEBP"),
        (None, 512, 768, wall, "PNG"),
        (first, None, None, other, "JPG"),
    ]


async def test_a_configuration_is_worn_as_an_outfit(studio: Any) -> None:
    belt, product = studio.product(name="Belt", is_filler=True), studio.product()
    subjects, shooting = [studio.subject(), studio.subject()], await studio.shooting()
    kept = studio.others.media.keep(studio.principal.user_id)
    url = f"https://pictures.example.org/{uuid4()}.jpg"
    config = {
        "product_id": product,
        "outfit_product_ids": [belt, belt],
        "outfit_instruction": "Belt over the dress.",
        "outfit_ref_imgs_urls": [url, {"media_resource_id": kept.id, "alt_text": "As here"}],
    }
    made = await studio.looks(shooting, product_outfit_configs=[config], subject_ids=subjects)
    assert await studio.listed(shooting) == {"data": made[::-1], "count": 2}
    for look in made:
        outfit = look["outfit"]
        assert look["outfit_id"] == outfit["id"]
        assert look["outfit_product_ids"] == outfit["outfit_product_ids"] == [str(belt.id)]
        assert look["outfit_instruction"] == outfit["outfit_instruction"] == "Belt over the dress."
        assert look["outfit_ref_imgs_urls"] == outfit["outfit_ref_imgs_urls"]
        assert [one["name"] for one in outfit["outfit_products"]] == ["Belt"]
        assert outfit["outfit_ref_images_media"][1]["alt_text"] == "As here"
        assert (outfit["generation_status"], outfit["retry_count"]) == (None, 0)
        ShootingLookPublic.model_validate(look)
    outfits = {look["outfit_id"] for look in made}
    assert len(outfits) == 2, "each look has an outfit of its own"
    (told,) = await studio.told(made[1]["id"])
    attached = [
        (one.entity_type, str(one.entity_id), one.slot, one.position) for one in told.event.state.attached()
    ]
    assert attached == [("OUTFIT", made[1]["outfit_id"], "outfit_ref_images", n) for n in (0, 1)]
    ingested = [item["attachment"] for item in studio.others.media.attached_to(made[0]["outfit_id"])]
    assert [(one["kind"], one["aggregate_id"], one["position"]) for one in ingested] == [
        ("looks", made[0]["id"], n) for n in (0, 1)
    ]


async def test_a_repeated_request_with_a_key_makes_the_looks_once(studio: Any) -> None:
    shooting = await studio.shooting()
    body = {
        "product_ids": [str(studio.product().id)],
        "subject_ids": [str(studio.subject().id)],
        "shot_type_ids": [str(studio.shot_type().id)],
    }
    key = {"Idempotency-Key": uuid4().hex}
    path = f"{SHOOTINGS}{shooting}/looks"
    first, second = [await studio.client.post(path, json=body, headers=key) for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert (await studio.listed(shooting))["count"] == 1
    other = await studio.client.post(path, json=body | {"status": "DRAFT"}, headers=key)
    assert other.status_code == 422


async def nothing_made(studio: Any, shooting: str) -> bool:
    """Whether the shooting has no looks, and its owner no rows at all."""
    owner = studio.principal.user_id
    rows = [await studio.count(row, owner_id=owner) for row in (Look, Shot)]
    read = await studio.read(shooting)
    return rows == [0, 0] and (read["looks"], read["status"]) == ([], "WITHOUT_STATUS")


@pytest.mark.parametrize(
    ("fields", "loc"),
    [
        ({"product_ids": None}, ["product_ids"]),
        ({"product_ids": []}, ["product_ids"]),
        ({"product_outfit_configs": [{"product_id": NOBODYS}]}, ["product_ids"]),
        ({"product_ids": None, "product_outfit_configs": []}, ["product_outfit_configs"]),
        ({"product_ids": None, "product_filters": {}}, ["product_filters"]),
        ({"product_filters": {"brand": "Acme"}}, ["product_filters"]),
        ({"product_filters": {"nothing": 1}}, ["product_filters", "nothing"]),
        ({"generate_outfit": True}, ["generate_outfit"]),
        ({"subject_ids": []}, ["subject_ids"]),
        ({"default_style_id": NOBODYS}, ["default_style_id"]),
        ({"pose_preset_ids": [NOBODYS]}, ["pose_preset_ids", 0]),
        ({"set_design_id": NOBODYS}, ["set_design_id"]),
        ({"default_resolution_preset_id": NOBODYS}, ["default_resolution_preset_id"]),
        ({"default_background_preset_id": NOBODYS}, ["default_background_preset_id"]),
        (
            {"default_resolution_preset_id": NOBODYS, "default_width": 1, "default_height": 1},
            ["default_resolution_preset_id"],
        ),
        ({"default_width": 100}, ["default_height"]),
        ({"default_height": 100}, ["default_width"]),
        ({"default_width": 0, "default_height": 1}, ["default_width"]),
        ({"default_width": 4097, "default_height": 1}, ["default_width"]),
        ({"default_file_format": "TIFF"}, ["default_file_format"]),
        ({"default_instructions": "x" * 10_001}, ["default_instructions"]),
        ({"status": "APPROVED"}, ["status"]),
        ({"shot_type_ids": [NOBODYS]}, ["shot_type_ids", 0]),
        ({"subject_ids": [NOBODYS]}, ["subject_ids", 0]),
        ({"product_ids": [NOBODYS]}, ["product_ids", 0]),
        ({"unisex_gender_preference": "NOBODY"}, ["unisex_gender_preference"]),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_what_cant_be_had_is_422_at_its_place(
    studio: Any, fields: dict[str, Any], loc: list[Any]
) -> None:
    shooting = await studio.shooting()
    body = {"product_ids": [studio.product()], "subject_ids": [studio.subject()]}
    answer = await studio.ask(shooting, **(body | fields))
    assert answer.status_code == 422, answer.text
    assert [problem["loc"] for problem in answer.json()["detail"]] == [["body", *loc]]
    assert await nothing_made(studio, shooting)


@pytest.mark.parametrize(
    ("fields", "loc"),
    [
        ({"product_id": NOBODYS}, ["product_id"]),
        ({"style_id": NOBODYS}, ["style_id"]),
        ({"outfit_product_ids": [NOBODYS]}, ["outfit_product_ids", 0]),
        ({"resolution_preset_id": NOBODYS}, ["resolution_preset_id"]),
        ({"background_preset_id": NOBODYS}, ["background_preset_id"]),
        ({"resolution_preset_id": NOBODYS, "width": 10}, ["resolution_preset_id"]),
        ({"width": 10}, ["height"]),
        ({"outfit_instruction": "x" * 1001}, ["outfit_instruction"]),
        ({"outfit_ref_imgs_urls": ["http://127.0.0.1/secret"]}, ["outfit_ref_imgs_urls", 0]),
        (
            {
                "outfit_ref_imgs_urls": [
                    "https://pictures.example.org/a.jpg",
                    {"media_resource_id": NOBODYS},
                ]
            },
            ["outfit_ref_imgs_urls", 1, "media_resource_id"],
        ),
        ({"file_format": "GIF"}, ["file_format"]),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_what_a_configuration_cant_have_is_422_at_its_place(
    studio: Any, fields: dict[str, Any], loc: list[Any]
) -> None:
    shooting = await studio.shooting()
    configs = [{"product_id": studio.product()}, {"product_id": studio.product()} | fields]
    answer = await studio.ask(shooting, product_outfit_configs=configs, subject_ids=[studio.subject()])
    assert answer.status_code == 422, answer.text
    assert [problem["loc"] for problem in answer.json()["detail"]] == [
        ["body", "product_outfit_configs", 1, *loc]
    ]
    assert await nothing_made(studio, shooting)


@pytest.mark.parametrize(
    ("product", "said"),
    [
        ({"archived": True}, "archived"),
        ({"enabled": False}, "draft"),
        ({"is_filler": True}, "filler"),
        ({"gender": "MALE"}, "None of the subjects fits"),
    ],
)
async def test_a_product_that_cant_be_shot_is_named(studio: Any, product: dict[str, Any], said: str) -> None:
    shooting = await studio.shooting()
    products = [studio.product(), studio.product(name="The culprit", **product)]
    answer = await studio.ask(shooting, product_ids=products, subject_ids=[studio.subject()])
    (problem,) = answer.json()["detail"]
    assert (answer.status_code, problem["loc"]) == (422, ["body", "product_ids", 1])
    assert said in problem["msg"]
    assert "The culprit" in problem["msg"]
    assert await nothing_made(studio, shooting)


@pytest.mark.parametrize("subject", [{"ready": False}, {"enabled": False}])
async def test_a_subject_that_isnt_ready_is_named(studio: Any, subject: dict[str, Any]) -> None:
    shooting = await studio.shooting()
    subjects = [studio.subject(), studio.subject(name="The culprit", **subject)]
    answer = await studio.ask(shooting, product_ids=[studio.product()], subject_ids=subjects)
    (problem,) = answer.json()["detail"]
    assert (answer.status_code, problem["loc"]) == (422, ["body", "subject_ids", 1])
    assert "The culprit" in problem["msg"]
    assert await nothing_made(studio, shooting)


async def test_a_preset_that_is_too_large_is_refused(studio: Any) -> None:
    answer = await studio.ask(
        await studio.shooting(),
        product_ids=[studio.product()],
        subject_ids=[studio.subject()],
        default_resolution_preset_id=studio.resolution(4097, 100),
    )
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "default_resolution_preset_id"]


async def test_more_than_a_thousand_looks_are_refused(studio: Any) -> None:
    shooting = await studio.shooting()
    products, subjects = [studio.product() for _ in range(101)], [studio.subject() for _ in range(10)]
    answer = await studio.ask(shooting, product_ids=products, subject_ids=subjects)
    assert answer.status_code == 422
    assert "1010 looks" in answer.json()["detail"][0]["msg"]
    assert await nothing_made(studio, shooting)


async def test_media_that_is_away_leaves_nothing(studio: Any) -> None:
    shooting = await studio.shooting()
    config = {"product_id": studio.product(), "outfit_ref_imgs_urls": ["https://pictures.example.org/a.jpg"]}
    studio.others.media.away = True
    try:
        answer = await studio.ask(shooting, product_outfit_configs=[config], subject_ids=[studio.subject()])
    finally:
        studio.others.media.away = False
    assert answer.status_code == 503
    assert await nothing_made(studio, shooting)


async def test_an_image_of_many_outfits_is_taken_over_once_for_each_of_them(studio: Any) -> None:
    url = f"https://pictures.example.org/{uuid4()}.jpg"
    configs = [{"product_id": studio.product(), "outfit_ref_imgs_urls": [url]} for _ in range(3)]
    looks = await studio.looks(
        await studio.shooting(), product_outfit_configs=configs, subject_ids=[studio.subject()]
    )
    assert len({look["outfit_ref_imgs_urls"][0] for look in looks}) == 1
    (item,) = [item for item in studio.others.media.asked if item["source"] == url]
    held = {(use["aggregate_id"], use["entity_id"]) for use in [item["attachment"], *item["also"]]}
    assert held == {(look["id"], look["outfit_id"]) for look in looks}


async def test_more_images_than_media_takes_at_once_are_refused(studio: Any) -> None:
    shooting = await studio.shooting()
    images = [[f"https://pictures.example.org/{uuid4()}.jpg" for _ in range(20)] for _ in range(6)]
    configs = [{"product_id": studio.product(), "outfit_ref_imgs_urls": some} for some in images]
    answer = await studio.ask(shooting, product_outfit_configs=configs, subject_ids=[studio.subject()])
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "product_outfit_configs"]
    assert await nothing_made(studio, shooting)


async def test_more_shots_than_one_request_may_plan_are_refused(studio: Any) -> None:
    shooting = await studio.shooting()
    answer = await studio.ask(
        shooting,
        product_ids=[studio.product() for _ in range(101)],
        subject_ids=[studio.subject()],
        shot_type_ids=[studio.shot_type(f"front_{number}") for number in range(50)],
    )
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "shot_type_ids"]
    assert await nothing_made(studio, shooting)


@pytest.mark.parametrize(("theirs", "status"), [(True, 409), (False, 404)])
async def test_a_shooting_that_is_moved_meanwhile_gets_no_looks(
    studio_of: Any, monkeypatch: pytest.MonkeyPatch, theirs: bool, status: int
) -> None:
    """What was decided for its old tenant isn't made in its new one."""
    organization = uuid4()
    studio = studio_of(organization)
    studio.organization_id = None
    shooting = await studio.shooting()
    references = studio.service.references
    read = references.fresh

    async def moving(uow: Any, state: Any, *rest: Any) -> Any:
        if state is ProductState:
            async with studio.service.sessions.begin() as session:
                target = organization if theirs else uuid4()
                moved = update(Shooting).where(Shooting.id == UUID(shooting))
                await session.execute(moved.values(organization_id=target))
        return await read(uow, state, *rest)

    monkeypatch.setattr(references, "fresh", moving)
    answer = await studio.ask(shooting, product_ids=[studio.product()], subject_ids=[studio.subject()])
    assert answer.status_code == status
    assert await studio.count(Look, owner_id=studio.principal.user_id) == 0
