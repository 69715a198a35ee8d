"""Subjects over HTTP: their fields, slugs, readiness and who may do what."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from atelier.contracts.organizations import Role
from atelier.contracts.subjects import SubjectCreated, SubjectUpdated
from atelier.runtime.auth import Principal

SUBJECTS = "/api/v1/subjects/"
TEXTS = ("surname", "description", "ethnicity", "positive_prompt", "negative_prompt")
MEASUREMENTS = {
    "height_cm": 178.5,
    "bust_cm": 84.0,
    "waist_cm": 61.0,
    "hips_cm": 89.0,
    "shoe_eu": 39.5,
    "eye_color": "green",
    "hair_color": "black",
}


async def made_by(client: Any, body: dict[str, Any], **params: Any) -> dict[str, Any]:
    """A subject."""
    answer = await client.post(SUBJECTS, json=body, params=params)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_subject_is_answered_with_every_field(
    client: Any, subject: Any, picture: Any, shot_types: Any, told: Any, other_services: Any
) -> None:
    texts = {name: name.title() for name in TEXTS}
    base_image = {"shot_type_id": shot_types["front_full_body"], "image_url": picture()}
    answer = await client.post(
        SUBJECTS,
        json=subject(
            **texts,
            name="Anna Élan",
            gender="MALE",
            subject_type="REAL",
            body_type="slim",
            public=True,
            portrait_image={"url": picture(), "caption": "In spring"},
            data_images=[picture(), {"url": picture()}],
            portfolio_images=[{"url": picture()}],
            base_images=[base_image],
            measurements=MEASUREMENTS,
        ),
    )
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    body = answer.json()
    assert (await client.get(SUBJECTS + body["id"])).json() == body
    id_ = body.pop("id")
    assert body.pop("owner_id")
    assert body.pop("created_at") == body.pop("updated_at")
    for name in ("cover_image", "portrait_image"):
        assert body.pop(f"{name}_url") == body.pop(f"{name}_media")["url"]
    assert body.pop("data_image_urls") == [one["url"] for one in body.pop("data_images_media")]
    assert len(body.pop("portfolio_images_media")) == 1
    (shown,) = body.pop("base_images")
    assert shown.pop("image_url").startswith("http")
    assert shown == {"shot_type_id": shot_types["front_full_body"], "shot_type_label": "front_full_body"}
    assert body["measurements"].pop("id")
    assert body == texts | {
        "name": "Anna Élan",
        "slug": "anna-elan",
        "age_class": "adult",
        "gender": "MALE",
        "subject_type": "REAL",
        "body_type": "slim",
        "public": True,
        "enabled": True,
        "ready": True,
        "lora_status": "none",
        "lora_trigger": None,
        "measurements": MEASUREMENTS,
        "organization_id": None,
        "deleted_at": None,
    }
    (event,) = await told(id_)
    assert type(event) is SubjectCreated
    for used in event.state.attached():
        found = [one["attachment"] for one in other_services.media.attached_to(used.entity_id)]
        meant = (used.entity_type, used.slot, used.position)
        assert meant in [(one["entity_type"], one["slot"], one["position"]) for one in found]
        assert {(one["kind"], one["aggregate_id"]) for one in found} == {("subjects", id_)}


async def test_a_name_an_age_and_a_cover_image_are_enough(client: Any, subject: Any) -> None:
    body = await made_by(client, subject())
    assert (body["gender"], body["subject_type"], body["public"], body["ready"]) == (
        "FEMALE",
        "AI",
        False,
        False,
    )
    assert [body[name] for name in (*TEXTS, "measurements", "portrait_image_url")] == [None] * 7
    assert (body["data_image_urls"], body["base_images"], body["portfolio_images_media"]) == ([], [], [])
    for field in ("name", "age_class", "cover_image"):
        sent = subject()
        del sent[field]
        answer = await client.post(SUBJECTS, json=sent)
        assert [one["loc"] for one in answer.json()["detail"]] == [["body", field]]


@pytest.mark.parametrize(
    ("fields", "loc"),
    [
        ({"age_class": "old"}, ["age_class"]),
        ({"gender": "UNISEX"}, ["gender"]),
        ({"body_type": "round"}, ["body_type"]),
        ({"public": "yes"}, ["public"]),
        ({"measurements": {"height_cm": 0}}, ["measurements", "height_cm"]),
        ({"measurements": {"height_cm": True}}, ["measurements", "height_cm"]),
        ({"measurements": {"shoe_eu": 101}}, ["measurements", "shoe_eu"]),
        ({"measurements": {"eye_color": "red"}}, ["measurements", "eye_color"]),
        ({"portfolio_images": ["https://pictures.example.org/a.jpg"]}, ["portfolio_images", 0]),
        ({"portfolio_images": [{}]}, ["portfolio_images", 0]),
        ({"data_images": ["broken"]}, ["data_images", 0]),
        ({"portrait_image": {"url": "broken"}}, ["portrait_image", "url"]),
        ({"portfolio_images": [{"url": "broken"}]}, ["portfolio_images", 0, "url"]),
    ],
)
async def test_bad_fields_are_422_at_their_place(
    client: Any, subject: Any, other_services: Any, fields: dict[str, Any], loc: list[Any]
) -> None:
    other_services.media.refuse("broken")
    made = await made_by(client, subject())
    for answer in (
        await client.post(SUBJECTS, json=subject(**fields)),
        await client.put(SUBJECTS + made["id"], json=fields),
    ):
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"] == ["body", *loc]
    assert (await client.get(SUBJECTS + made["id"])).json() == made


async def test_only_what_is_sent_changes(client: Any, subject: Any, told: Any, picture: Any) -> None:
    made = await made_by(client, subject(**dict.fromkeys(TEXTS, "Before"), measurements=MEASUREMENTS))
    url, known = SUBJECTS + made["id"], made
    for change in ({"surname": None}, {"age_class": "teen", "gender": "MALE"}, {"body_type": "curvy"}):
        answer = await client.put(url, json=change)
        known = known | change | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == known
    measured = (await client.put(url, json={"measurements": {"height_cm": 180, "eye_color": None}})).json()
    changed = {"height_cm": 180.0, "eye_color": None}
    assert measured["measurements"] == known["measurements"] | changed
    cleared = await client.put(url, json=dict.fromkeys(TEXTS) | {"measurements": None, "cover_image": None})
    assert [cleared.json()[name] for name in (*TEXTS, "measurements", "cover_image_url")] == [None] * 7
    assert [type(event) for event in await told(made["id"])] == [SubjectCreated, *[SubjectUpdated] * 5]


@pytest.mark.parametrize(
    "field", ["name", "age_class", "gender", "public", "ready", "data_images", "owner_id"]
)
async def test_null_changes_nothing_where_the_answer_has_no_null(
    client: Any, subject: Any, picture: Any, field: str
) -> None:
    made = await made_by(client, subject(data_images=[picture()]))
    answer = await client.put(SUBJECTS + made["id"], json={field: None})
    assert (answer.json(), answer.headers["etag"]) == (made, '"1"')


async def test_pictures_change_one_by_one_and_lists_as_a_whole(
    client: Any, subject: Any, picture: Any
) -> None:
    lists = {"data_images": [picture(), picture()], "portfolio_images": [{"url": picture()}]}
    made = await made_by(client, subject(portrait_image=picture(), **lists))
    url, kept = SUBJECTS + made["id"], made["data_image_urls"][1]
    answer = (await client.put(url, json={"data_images": [kept], "portrait_image": None})).json()
    assert (answer["data_image_urls"], answer["portrait_image_media"]) == ([kept], None)
    assert answer["portfolio_images_media"] == made["portfolio_images_media"]
    answer = (await client.put(url, json={"data_images": [], "portfolio_images": None})).json()
    assert (answer["data_image_urls"], answer["portfolio_images_media"]) == ([], [])
    assert answer["cover_image_url"] == made["cover_image_url"]


async def test_slugs_of_the_same_name_are_numbered_inside_a_tenant(
    client: Any, subject: Any, organization: Any, picture: Any
) -> None:
    slugs = [
        (await made_by(client, subject(name=name)))["slug"] for name in ("Anna", "ANNA!", "Anna 2", "東京")
    ]
    assert slugs == ["anna", "anna-2", "anna-2-2", "subject"]
    owner, within = organization[Role.OWNER], {"organization_id": str(organization.id)}
    assert (await made_by(owner, subject(), **within))["slug"] == "anna"
    assert (await made_by(organization[Role.MEMBER], subject(), **within))["slug"] == "anna-2"
    assert (await made_by(owner, subject()))["slug"] == "anna"


async def test_a_slug_follows_a_new_name_and_stays_free_where_it_moves(
    subject: Any, organization: Any
) -> None:
    owner, within = organization[Role.OWNER], {"organization_id": str(organization.id)}
    shared = await made_by(owner, subject(), **within)
    personal = await made_by(owner, subject())
    bea = await made_by(owner, subject(name="Bea"))

    async def slug(made: dict[str, Any], **change: Any) -> str:
        answer = await owner.put(SUBJECTS + made["id"], json=change)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["slug"])

    assert await slug(bea, name="Anna") == "anna-2"
    assert await slug(bea, name="ANNA") == "anna-2"
    assert await slug(bea, surname="Smith") == "anna-2"
    assert await slug(personal, organization_id=str(organization.id)) == "anna-2"
    assert await slug(shared, organization_id=None) == "anna"
    assert await slug(bea, organization_id=str(organization.id)) == "anna-2-2"


async def test_of_many_with_one_name_at_once_each_gets_a_slug(client: Any, subject: Any) -> None:
    answers = await asyncio.gather(*(client.post(SUBJECTS, json=subject()) for _ in range(6)))
    assert {answer.status_code for answer in answers} == {201}
    slugs = {answer.json()["slug"] for answer in answers}
    assert slugs == {"anna", *(f"anna-{number}" for number in range(2, 7))}


async def test_a_subject_is_ready_by_its_pictures_unless_somebody_holds_it_back(
    client: Any, subject: Any, picture: Any, shot_types: Any
) -> None:
    made = await made_by(client, subject())
    url = SUBJECTS + made["id"]

    async def ready(**change: Any) -> bool:
        answer = await client.put(url, json=change)
        assert answer.status_code == 200, answer.text
        return bool(answer.json()["ready"])

    early = await client.put(url, json={"ready": True, "name": "Changed"})
    assert (early.status_code, (await client.get(url)).json()) == (409, made)
    base_image = {"shot_type_id": shot_types["front_full_body"], "image_url": picture()}
    await client.post(f"{url}/base_images", json=base_image)
    assert await ready() is True
    assert await ready(ready=False) is False
    assert await ready(name="Bea") is False
    assert await ready(ready=True) is True
    assert await ready(cover_image=None) is False
    assert (await client.put(url, json={"ready": True})).status_code == 409
    assert await ready(cover_image=picture(), ready=True) is True
    stale = (await client.get(f"{url}/base_images")).json()["data"][0]["image_url"]
    await client.delete(f"{url}/base_images", params={"url": stale})
    assert await ready() is False


@pytest.mark.parametrize("field", ["local_model_path", "lora_trigger", "lora_status"])
async def test_only_administrators_say_anything_of_trained_weights(
    client: Any, administrator: Any, subject: Any, told: Any, other_services: Any, field: str, picture: Any
) -> None:
    made = await made_by(client, subject())
    url, asked = SUBJECTS + made["id"], len(other_services.media.asked)
    for refused in (
        await client.post(SUBJECTS, json=subject(**{field: "x"})),
        await client.put(url, json={field: "x", "name": "Changed", "cover_image": picture()}),
    ):
        assert refused.status_code == 403
    assert len(other_services.media.asked) == asked
    assert (await client.get(url)).json() == made
    same = await client.put(url, json={"lora_status": "none", "lora_trigger": None, "local_model_path": None})
    assert (same.status_code, same.headers["etag"]) == (200, '"1"')
    assert (await administrator.put(url, json={field: "x"})).status_code == 200
    assert getattr((await told(made["id"]))[-1].state, field) == "x"
    assert (await client.put(url, json={field: "y"})).status_code == 403
    by_them = await administrator.post(SUBJECTS, json=subject(**{field: "x"}))
    assert by_them.status_code == 201


async def test_a_public_one_is_read_by_anybody_with_a_login_and_changed_by_nobody_else(
    catalog: Any, client: Any, client_for: Any, subject: Any, picture: Any, shot_types: Any
) -> None:
    made, hidden = await made_by(client, subject(public=True)), await made_by(client, subject())
    url, stranger = SUBJECTS + made["id"], client_for(catalog, Principal(user_id=uuid4()))
    assert (await stranger.get(url)).json() == made
    assert (await stranger.get(f"{url}/base_images")).json() == {"data": []}
    assert (await stranger.get(SUBJECTS + hidden["id"])).status_code == 404
    assert (await client_for(catalog, Principal.anonymous()).get(url)).status_code == 401
    base_image = {"shot_type_id": shot_types["front_full_body"], "image_url": picture()}
    for path, statuses in ((url, 403), (SUBJECTS + hidden["id"], 404)):
        for refused in (
            await stranger.put(path, json={"name": "Mine"}),
            await stranger.post(f"{path}/base_images", json=base_image),
            await stranger.delete(f"{path}/base_images", params={"url": "http://x"}),
        ):
            assert refused.status_code == statuses
    answer = await stranger.get("/internal/subjects", params={"ids": f"{made['id']},{hidden['id']}"})
    assert [one["state"]["id"] for one in answer.json()["data"]] == [made["id"]]
    named = await client.get(url, params={"organization_id": str(uuid4())})
    assert named.status_code == 403


async def test_stale_writes_are_412(client: Any, subject: Any, picture: Any) -> None:
    made = await made_by(client, subject())
    url, stale = SUBJECTS + made["id"], {"If-Match": '"1"'}
    assert (await client.put(url, json={"name": "Bea"}, headers=stale)).headers["etag"] == '"2"'
    for body in ({"name": "Cleo"}, {"cover_image": picture()}):
        assert (await client.put(url, json=body, headers=stale)).status_code == 412
