"""Products over HTTP; the rules that hold everywhere are in the workspace's `tests/rules`."""

from __future__ import annotations

import asyncio
import base64
from typing import Any
from uuid import uuid4

import pytest

from atelier.contracts.organizations import Role
from atelier.contracts.products import ProductArchived, ProductCreated, ProductDeleted, ProductUpdated
from atelier.runtime.auth import Principal

PRODUCTS = "/api/v1/products/"
NOBODYS = "00000000-0000-7000-8000-000000000404"
"""An id that nothing has."""
TEXTS = (
    "sku",
    "brand",
    "master_item_code",
    "product_family",
    "product_type",
    "zone",
    "category",
    "sleeve_type",
    "neckline",
    "closure_type",
    "fit_type",
    "length_type",
    "pattern",
    "materials",
    "colour",
    "season",
    "style_code",
    "theme",
    "brand_collection",
    "description",
    "back_description",
    "ecommerce_description",
)
OTHERS = {
    "age_class": "adult",
    "placement": "UPPER_BODY",
    "year": 2030,
    "in_store_date": "2030-03-01T09:00:00Z",
    "brand_metadata": {"care": ["wash", {"at": 30}]},
}
EMPTY = dict.fromkeys(TEXTS) | dict.fromkeys(OTHERS)
NEVER_NULL = (
    "name",
    "gender",
    "public",
    "is_filler",
    "enabled",
    "reference_images",
    "data_images",
    "owner_id",
)
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


async def made_by(client: Any, body: dict[str, Any], **params: Any) -> dict[str, Any]:
    """A product."""
    answer = await client.post(PRODUCTS, json=body, params=params)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def test_a_product_is_answered_with_every_field(client: Any, product: Any, told: Any) -> None:
    known = {name: name.title() for name in TEXTS} | OTHERS
    answer = await client.post(PRODUCTS, json=product(**known, gender="FEMALE", public=True))
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    body = answer.json()
    assert (await client.get(PRODUCTS + body["id"])).json() == body
    assert all(body.pop(name) for name in ("id", "owner_id"))
    assert body.pop("created_at") == body.pop("updated_at")
    assert body.pop("cover_image_url") == body.pop("cover_image_media")["url"]
    assert body == known | {
        "name": "Linen shirt",
        "type": "Product_Type",
        "gender": "FEMALE",
        "product_type_id": None,
        "back_image_url": None,
        "back_image_media": None,
        "reference_images": [],
        "reference_images_media": [],
        "data_image_urls": [],
        "public": True,
        "enabled": True,
        "archived": False,
        "demo": False,
        "is_filler": False,
        "organization_id": None,
        "shot_status": None,
        "shot_status_shooting_look_id": None,
        "integration_name": None,
        "exports_completed": 0,
        "exports_total": 0,
        "shots": [],
    }


async def test_a_name_and_a_cover_image_are_enough(client: Any, picture: Any) -> None:
    body = await made_by(client, {"name": "Shirt", "cover_image": picture()})
    assert {name: body[name] for name in EMPTY} == EMPTY
    assert (body["gender"], body["public"], body["is_filler"]) == ("UNISEX", False, False)
    for field in ("name", "cover_image"):
        sent = {"name": "Shirt", "cover_image": picture()}
        del sent[field]
        answer = await client.post(PRODUCTS, json=sent)
        assert [one["loc"] for one in answer.json()["detail"]] == [["body", field]]


@pytest.mark.parametrize(("mode", "enabled"), [("basic", False), ("complete", True), (None, True)])
async def test_a_basic_one_begins_as_a_draft(
    client: Any, product: Any, mode: str | None, enabled: bool
) -> None:
    params = {"mode": mode} if mode else {}
    body = await made_by(client, product(), **params)
    assert body["enabled"] is enabled
    completed = await client.patch(PRODUCTS + body["id"], json={"enabled": True})
    assert completed.json()["enabled"] is True
    without = await client.post(PRODUCTS, json={"name": "Shirt"}, params=params)
    assert without.json()["detail"][0]["loc"] == ["body", "cover_image"]


@pytest.mark.parametrize("params", [{"mode": "other"}, {"sync_captioning": "perhaps"}])
async def test_other_modes_are_422(client: Any, product: Any, params: dict[str, Any]) -> None:
    assert (await client.post(PRODUCTS, json=product(), params=params)).status_code == 422


@pytest.mark.parametrize("sync", [True, False])
async def test_without_a_captioner_nothing_is_waited_for(client: Any, product: Any, sync: bool) -> None:
    async with asyncio.timeout(5):
        body = await made_by(client, product(), sync_captioning=sync)
    assert (body["description"], body["back_description"]) == (None, None)


@pytest.mark.parametrize(
    ("sent", "product_type"),
    [
        ({"type": "Shirt"}, "Shirt"),
        ({"category": "Tops"}, "Tops"),
        ({"type": "Shirt", "category": "Tops"}, "Shirt"),
        ({"type": "Shirt", "product_type": "Blouse"}, "Blouse"),
        ({"type": None, "category": "Tops"}, "Tops"),
    ],
)
async def test_old_names_of_the_product_type_are_taken(
    client: Any, product: Any, sent: dict[str, Any], product_type: str
) -> None:
    body = await made_by(client, product(**sent))
    assert (body["product_type"], body["type"]) == (product_type, product_type)
    assert body["category"] == sent.get("category")
    url = PRODUCTS + body["id"]
    assert (await client.put(url, json={"category": "Else"})).json()["product_type"] == product_type
    assert (await client.put(url, json={"type": "Coat"})).json()["product_type"] == "Coat"
    assert (await client.put(url, json={"type": None, "category": None})).json()["product_type"] is None


@pytest.mark.parametrize(
    ("fields", "filler"),
    [
        ({"sku": "FILLER-7"}, True),
        ({"sku": "filler_7"}, True),
        ({"sku": "A-FILLER"}, False),
        ({"sku": None}, False),
        ({"sku": "FILLER-7", "is_filler": False}, False),
        ({"sku": "A", "is_filler": True}, True),
        ({"sku": "FILLER-7", "is_filler": None}, True),
    ],
)
async def test_a_filler_is_known_by_its_sku_where_nobody_says(
    client: Any, product: Any, fields: dict[str, Any], filler: bool
) -> None:
    assert (await made_by(client, product(**fields)))["is_filler"] is filler


async def test_pictures_are_named_in_every_way_and_attached_as_the_state_says(
    client: Any, product: Any, picture: Any, told: Any, other_services: Any
) -> None:
    body = await made_by(
        client,
        product(
            cover_image=f"data:image/png;base64,{PIXEL}",
            back_image={"url": picture(), "alt_text": "The back", "protected": True},
            reference_images=[picture(), {"url": picture()}, PIXEL],
        ),
    )
    assert (body["cover_image_media"]["width"], body["cover_image_media"]["extension"]) == (1, "png")
    assert body["back_image_media"]["alt_text"] == "The back"
    assert body["back_image_media"]["protected"] is True
    assert body["reference_images"] == body["data_image_urls"]
    assert [one["url"] for one in body["reference_images_media"]] == body["reference_images"]
    assert body["cover_image_media"]["id"] == body["reference_images_media"][2]["id"]
    (event,) = await told(body["id"])
    assert type(event) is ProductCreated
    meant = [
        (one["attachment"]["entity_type"], one["attachment"]["slot"], one["attachment"]["position"])
        for one in other_services.media.attached_to(body["id"])
    ]
    assert meant == [(used.entity_type, used.slot, used.position) for used in event.state.attached()]


@pytest.mark.parametrize(
    ("fields", "count"),
    [
        ({"data_images": [PIXEL]}, 1),
        ({"data_images": [PIXEL], "reference_images": None}, 1),
        ({"data_images": [PIXEL], "reference_images": []}, 0),
        ({"data_images": None}, 0),
    ],
)
async def test_data_images_is_the_old_name_of_reference_images(
    client: Any, product: Any, fields: dict[str, Any], count: int
) -> None:
    body = await made_by(client, product(**fields))
    assert len(body["reference_images"]) == len(body["data_image_urls"]) == count
    answer = await client.put(PRODUCTS + body["id"], json={"data_images": [PIXEL, PIXEL]})
    assert len(answer.json()["reference_images"]) == 2


@pytest.mark.parametrize(
    ("fields", "loc"),
    [
        ({"cover_image": "broken"}, ["cover_image"]),
        ({"back_image": {"url": "broken"}}, ["back_image", "url"]),
        ({"reference_images": [PIXEL, "broken"]}, ["reference_images", 1]),
        ({"data_images": ["broken"]}, ["data_images", 0]),
        ({"cover_image": "http://169.254.169.254/latest"}, ["cover_image"]),
        ({"cover_image": "http://127.0.0.1:9/x.jpg"}, ["cover_image"]),
        ({"cover_image": "ftp://pictures.example.org/x.jpg"}, ["cover_image"]),
        ({"cover_image": base64.b64encode(b"no picture").decode()}, ["cover_image"]),
        ({"cover_image": {"media_resource_id": NOBODYS}}, ["cover_image", "media_resource_id"]),
    ],
)
async def test_what_media_refuses_is_told_where_it_was_named(
    client: Any, product: Any, other_services: Any, told: Any, fields: dict[str, Any], loc: list[Any]
) -> None:
    other_services.media.refuse("broken")
    made = await client.post(PRODUCTS, json=product())
    url = PRODUCTS + made.json()["id"]
    for answer in (
        await client.post(PRODUCTS, json=product(**fields)),
        await client.put(url, json=fields),
    ):
        assert answer.status_code == 422
        assert [one["loc"] for one in answer.json()["detail"]] == [["body", *loc]]
    assert (await client.get(url)).json() == made.json()
    assert len(await told(made.json()["id"])) == 1


async def test_another_tenants_picture_is_unknown(
    client: Any, product: Any, organization: Any, other_services: Any
) -> None:
    theirs = other_services.media.keep(organization.id)
    body = product(cover_image={"media_resource_id": str(theirs.id)})
    refused = await client.post(PRODUCTS, json=body)
    assert (refused.status_code, refused.json()["detail"][0]["type"]) == (422, "unknown_id")
    taken = await made_by(organization[Role.MEMBER], body, organization_id=str(organization.id))
    assert taken["cover_image_media"]["id"] == str(theirs.id)


async def test_a_picture_that_is_too_large_is_413_and_media_away_503(
    client: Any, product: Any, picture: Any, other_services: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    huge = other_services.media.refuse(picture(), "At most 50 MB.", status=413)
    assert (await client.post(PRODUCTS, json=product(cover_image=huge))).status_code == 413
    monkeypatch.setattr(other_services.media, "away", True)
    assert (await client.post(PRODUCTS, json=product())).status_code == 503


async def test_a_picture_of_some_megabytes_fits_and_more_than_sixteen_dont(
    client: Any, product: Any, other_services: Any
) -> None:
    for size, status in ((12, 422), (17, 413)):
        body = product(cover_image="A" * (size * 1024 * 1024))  # no picture, told by who looks at it
        assert (await client.post(PRODUCTS, json=body)).status_code == status


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_only_what_is_sent_changes(client: Any, product: Any, told: Any, method: str) -> None:
    made = await made_by(client, product(**dict.fromkeys(TEXTS, "Before"), **OTHERS))
    url, known = PRODUCTS + made["id"], made
    for change in (
        {"name": "Coat"},
        {"colour": None},
        {"year": 2031, "gender": "MALE"},
        {"brand_metadata": {}},
    ):
        answer = await client.request(method, url, json=change)
        known = known | change | {"updated_at": answer.json()["updated_at"]}
        assert answer.json() == known
    cleared = await client.request(method, url, json=EMPTY)
    assert cleared.json() == known | EMPTY | {"type": None, "updated_at": cleared.json()["updated_at"]}
    assert [type(event) for event in await told(made["id"])] == [ProductCreated, *[ProductUpdated] * 5]


@pytest.mark.parametrize("field", NEVER_NULL)
async def test_null_changes_nothing_where_the_answer_has_no_null(
    client: Any, product: Any, field: str
) -> None:
    made = await made_by(client, product(reference_images=[PIXEL]))
    answer = await client.put(PRODUCTS + made["id"], json={field: None})
    assert (answer.json(), answer.headers["etag"]) == (made, '"1"')


async def test_pictures_change_one_by_one_and_lists_as_a_whole(
    client: Any, product: Any, picture: Any
) -> None:
    made = await made_by(client, product(back_image=picture(), reference_images=[picture(), picture()]))
    url, kept = PRODUCTS + made["id"], made["reference_images"][1]
    again = await client.put(url, json={"reference_images": [kept, PIXEL]})
    assert again.json()["reference_images"][0] == kept
    assert len(again.json()["reference_images"]) == 2
    assert again.json()["cover_image_url"] == made["cover_image_url"]
    same = await client.put(url, json={"cover_image": {"media_resource_id": made["cover_image_media"]["id"]}})
    assert same.headers["etag"] == again.headers["etag"]
    cleared = await client.put(url, json={"cover_image": None, "back_image": None, "reference_images": []})
    assert (cleared.json()["cover_image_url"], cleared.json()["back_image_media"]) == (None, None)
    assert cleared.json()["reference_images"] == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("year", 0),
        ("year", 10_000),
        ("year", True),
        ("year", "2030"),
        ("gender", "OTHER"),
        ("age_class", "old"),
        ("placement", "SKY"),
        ("in_store_date", "soon"),
        ("brand", "x" * 1001),
        ("description", "x" * 3001),
        ("sku", 7),
        ("public", "yes"),
        ("brand_metadata", []),
        ("brand_metadata", "text"),
        ("cover_image", 7),
        ("cover_image", ""),
        ("cover_image", {}),
        ("cover_image", {"url": "http://x.example/a.jpg", "media_resource_id": NOBODYS}),
        ("reference_images", "x"),
        ("reference_images", ["x"] * 101),
        ("product_type_id", "x"),
        ("product_type_id", NOBODYS),
    ],
)
async def test_bad_fields_are_422_and_named(client: Any, product: Any, field: str, value: Any) -> None:
    made = await made_by(client, product())
    for answer in (
        await client.post(PRODUCTS, json=product(**{field: value})),
        await client.put(PRODUCTS + made["id"], json={field: value}),
    ):
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"][:2] == ["body", field]
    assert (await client.get(PRODUCTS + made["id"])).json() == made


async def test_a_brands_metadata_may_be_nested_but_not_without_an_end(client: Any, product: Any) -> None:
    def nested(levels: int) -> dict[str, Any]:
        value: dict[str, Any] = {}
        for _ in range(levels - 1):
            value = {"a": value}
        return value

    fits = await made_by(client, product(brand_metadata=nested(16)))
    assert fits["brand_metadata"] == nested(16)
    for levels in (17, 300, 900):
        answer = await client.post(PRODUCTS, json=product(brand_metadata=nested(levels)))
        assert answer.status_code == 422


@pytest.mark.parametrize(
    "value", ["x" * 70_000, [1] * 1_000_000, [[]] * 70_000], ids=["text", "list", "lists"]
)
async def test_a_brands_metadata_is_bounded_before_anybody_works_on_it(
    client: Any, product: Any, other_services: Any, value: Any
) -> None:
    asked = len(other_services.media.asked)
    answer = await client.post(PRODUCTS, json=product(brand_metadata={"a": value}))
    assert answer.status_code == 422
    (problem,) = answer.json()["detail"]
    assert (problem["loc"], problem["type"]) == (["body", "brand_metadata"], "value_error")
    assert len(other_services.media.asked) == asked


async def test_a_product_too_large_to_be_told_is_422_and_says_what_is_too_long(
    client: Any, product: Any, picture: Any
) -> None:
    told_at_length = {"url": picture(), "alt_text": "x" * 300_000}
    answer = await client.post(PRODUCTS, json=product(cover_image=told_at_length))
    assert answer.status_code == 422
    assert [one["loc"] for one in answer.json()["detail"]] == [["body", "cover_image"]]


async def test_archiving_is_told_once_and_taken_back(client: Any, product: Any, told: Any) -> None:
    made = await made_by(client, product())
    url = f"{PRODUCTS}{made['id']}/archived"
    for archived, etag in ((True, '"2"'), (True, '"2"'), (False, '"3"')):
        answer = await client.patch(url, params={"archived": archived})
        assert (answer.status_code, answer.json()["archived"]) == (200, archived)
        assert answer.headers["etag"] == etag
    events = await told(made["id"])
    assert [type(event) for event in events[1:]] == [ProductArchived, ProductArchived]
    assert (await client.patch(url)).status_code == 422
    stale = await client.patch(url, params={"archived": True}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412


async def test_archiving_is_for_those_who_may_change(organization: Any, client: Any, product: Any) -> None:
    made = await made_by(organization[Role.MEMBER], product(), organization_id=str(organization.id))
    url, archived = f"{PRODUCTS}{made['id']}/archived", {"archived": True}
    assert (await organization[Role.VIEWER].patch(url, params=archived)).status_code == 403
    assert (await client.patch(url, params=archived)).status_code == 404
    assert (await organization[Role.MEMBER].patch(url, params=archived)).status_code == 200


async def test_a_deleted_product_is_gone_for_good(client: Any, product: Any, told: Any) -> None:
    made = await made_by(client, product())
    url = PRODUCTS + made["id"]
    assert (await client.delete(url, headers={"If-Match": '"7"'})).status_code == 412
    assert (await client.delete(url)).json() == {"message": "Product deleted."}
    for answer in (
        await client.get(url),
        await client.delete(url),
        await client.put(url, json={"name": "Back", "cover_image": PIXEL}),
        await client.patch(f"{url}/archived", params={"archived": True}),
    ):
        assert answer.status_code == 404
    last = (await told(made["id"]))[-1]
    assert type(last) is ProductDeleted
    assert last.state.deleted_at is not None


async def test_a_public_one_is_read_by_anybody_with_a_login_and_changed_by_nobody_else(
    catalog: Any, client: Any, client_for: Any, product: Any
) -> None:
    made = await made_by(client, product(public=True))
    hidden = await made_by(client, product())
    url, stranger = PRODUCTS + made["id"], client_for(catalog, Principal(user_id=uuid4()))
    read = await stranger.get(url)
    fed = {"exports_completed": None, "exports_total": None}
    assert (read.status_code, read.json()) == (200, made | fed)
    assert (await stranger.get(PRODUCTS + hidden["id"])).status_code == 404
    assert (await client_for(catalog, Principal.anonymous()).get(url)).status_code == 401
    for refused in (
        await stranger.put(url, json={"name": "Mine", "cover_image": PIXEL}),
        await stranger.patch(f"{url}/archived", params={"archived": True}),
        await stranger.delete(url),
    ):
        assert refused.status_code == 403
    answer = await stranger.get("/internal/products", params={"ids": f"{made['id']},{hidden['id']}"})
    assert [one["state"]["id"] for one in answer.json()["data"]] == [made["id"]]


async def test_nobody_asks_media_for_who_may_not_change_it(
    client: Any, organization: Any, product: Any, picture: Any, other_services: Any
) -> None:
    made = await made_by(organization[Role.MEMBER], product(), organization_id=str(organization.id))
    url, body = PRODUCTS + made["id"], {"cover_image": picture()}
    asked = len(other_services.media.asked)
    assert (await client.put(url, json=body)).status_code == 404
    assert (await organization[Role.VIEWER].put(url, json=body)).status_code == 403
    stale = await organization[Role.MEMBER].put(url, json=body, headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    within = {"organization_id": str(organization.id)}
    assert (await client.post(PRODUCTS, json=product(), params=within)).status_code == 403
    assert (await client.post(PRODUCTS, json=product(owner_id=str(uuid4())))).status_code == 403
    assert len(other_services.media.asked) == asked


async def test_pictures_are_stored_for_whose_the_product_will_be(
    organization: Any, product: Any, other_services: Any
) -> None:
    member = organization[Role.MEMBER]
    made = await made_by(member, product())
    shared = other_services.media.keep(organization.id)
    change = {"back_image": {"media_resource_id": str(shared.id)}}
    assert (await member.put(PRODUCTS + made["id"], json=change)).status_code == 422
    moved = await member.put(PRODUCTS + made["id"], json=change | {"organization_id": str(organization.id)})
    assert moved.status_code == 200, moved.text
    assert moved.json()["back_image_media"]["id"] == str(shared.id)


async def test_a_repeated_request_answers_the_same_product(client: Any, product: Any) -> None:
    body, headers = product(), {"Idempotency-Key": str(uuid4())}
    first, second = [await client.post(PRODUCTS, json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, first.content) == (201, second.content)
    assert second.headers["idempotency-replayed"] == "true"


async def test_a_product_that_moves_while_its_picture_is_stored_keeps_the_old_one(
    catalog: Any, organization: Any, product: Any, picture: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, media = organization[Role.MEMBER], catalog.media_client
    made = await made_by(member, product())
    url, ingest = PRODUCTS + made["id"], media.ingest

    async def slowly(*arguments: Any) -> Any:
        moved = await member.put(url, json={"organization_id": str(organization.id)})
        assert moved.status_code == 200, moved.text
        return await ingest(*arguments)

    monkeypatch.setattr(media, "ingest", slowly)
    answer = await member.put(url, json={"cover_image": picture()})
    assert answer.status_code == 409
    after = (await member.get(url)).json()
    assert (after["cover_image_url"], after["organization_id"]) == (
        made["cover_image_url"],
        str(organization.id),
    )
