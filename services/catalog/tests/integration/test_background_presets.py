"""Background presets over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from atelier.contracts.background_presets import BackgroundPresetCreated
from atelier.contracts.organizations import Role
from atelier.runtime.auth import Principal

PRESETS = "/api/v1/background-presets/"


async def test_a_preset_is_answered_with_every_field_and_the_first_picture_as_cover(
    client: Any, background: Any, picture: Any, told: Any, other_services: Any
) -> None:
    framings = [
        {"framing": "full_body", "image": picture()},
        {"image": {"url": picture(), "alt_text": "Grey"}},
    ]
    answer = await client.post(PRESETS, json=background(framings=framings))
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    body = answer.json()
    assert {name: body[name] for name in ("name", "strategy", "organization_id", "deleted_at")} == {
        "name": "Studio grey",
        "strategy": "DEFAULT",
        "organization_id": None,
        "deleted_at": None,
    }
    full_body, others = body["framings"]
    assert (full_body["framing"], others["framing"]) == ("full_body", None)
    assert body["cover_image_url"] == full_body["image_url"] == full_body["image_media"]["url"]
    assert others["image_media"]["alt_text"] == "Grey"
    assert full_body["created_at"] == body["created_at"]
    assert (await client.get(PRESETS + body["id"])).json() == body
    assert (await client.get(PRESETS)).json() == {"data": [body], "count": 1}
    (event,) = await told(body["id"])
    assert isinstance(event, BackgroundPresetCreated)
    for used in event.state.attached():
        (meant,) = (one["attachment"] for one in other_services.media.attached_to(used.entity_id))
        assert meant == {
            "kind": "background-presets",
            "aggregate_id": body["id"],
            "entity_type": used.entity_type,
            "entity_id": str(used.entity_id),
            "slot": used.slot,
            "position": None,
        }


@pytest.mark.parametrize(("sent", "answered"), [("OVS", "OVS"), (None, None)])
async def test_the_strategy_may_be_another_or_none(
    client: Any, background: Any, sent: str | None, answered: str | None
) -> None:
    answer = await client.post(PRESETS, json=background(strategy=sent))
    assert (answer.status_code, answer.json()["strategy"]) == (201, answered)


@pytest.mark.parametrize(
    ("fields", "loc"),
    [
        ({"framings": []}, ["framings"]),
        ({"framings": None}, ["framings"]),
        ({"framings": [{}]}, ["framings", 0, "image"]),
        ({"framings": [{"image": "x", "framing": "all"}]}, ["framings", 0, "framing"]),
        ({"framings": [{"image": "x"}, {"image": "x"}]}, ["framings", 1, "framing"]),
        (
            {"framings": [{"framing": "detail", "image": "x"}, {"framing": "detail", "image": "y"}]},
            ["framings", 1, "framing"],
        ),
        ({"framings": [{"image": "x"}] * 101}, ["framings"]),
        ({"strategy": "BEST"}, ["strategy"]),
        ({"name": ""}, ["name"]),
    ],
)
async def test_bad_bodies_are_422_at_their_place(
    client: Any, background: Any, other_services: Any, fields: dict[str, Any], loc: list[Any]
) -> None:
    before = len(other_services.media.asked)
    answer = await client.post(PRESETS, json=background(**fields))
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["body", *loc])
    assert len(other_services.media.asked) == before


async def test_what_media_refuses_is_told_at_its_picture(
    client: Any, background: Any, picture: Any, other_services: Any
) -> None:
    broken = other_services.media.refuse(picture(), "This is no picture.")
    framings = [{"framing": "detail", "image": picture()}, {"image": broken}]
    answer = await client.post(PRESETS, json=background(framings=framings))
    assert answer.status_code == 422
    assert [one["loc"] for one in answer.json()["detail"]] == [["body", "framings", 1, "image"]]
    assert (await client.get(PRESETS)).json()["count"] == 0


async def test_presets_are_their_organizations(client: Any, background: Any, organization: Any) -> None:
    within = {"organization_id": str(organization.id)}
    made = await organization[Role.MEMBER].post(PRESETS, params=within, json=background())
    assert (made.status_code, made.json()["organization_id"]) == (201, str(organization.id))
    url = PRESETS + made.json()["id"]
    for refused in (
        await organization[Role.VIEWER].post(PRESETS, params=within, json=background()),
        await client.post(PRESETS, params=within, json=background()),
        await client.post(PRESETS, json=background(owner_id=str(uuid4()))),
        await client.get(PRESETS, params=within),
        await client.get(PRESETS, params={"owner_id": str(organization.users[Role.MEMBER])}),
    ):
        assert refused.status_code == 403
    assert (await client.get(url)).json() == (await client.get(PRESETS + str(uuid4()))).json()
    assert (await client.get(url)).status_code == 404
    assert (await organization[Role.VIEWER].get(url)).status_code == 200
    assert (await organization[Role.VIEWER].get(PRESETS, params=within)).json()["count"] == 1
    assert (await organization[Role.MEMBER].get(PRESETS)).json() == {"data": [], "count": 0}


async def test_other_services_read_what_the_caller_may_see(
    catalog: Any, client: Any, client_for: Any, background: Any
) -> None:
    made = (await client.post(PRESETS, json=background())).json()
    stranger = client_for(catalog, Principal(user_id=uuid4()))

    async def read(who: Any) -> list[str]:
        answer = await who.get("/internal/background-presets", params={"ids": made["id"]})
        return [one["state"]["id"] for one in answer.json()["data"]]

    assert await read(client) == [made["id"]]
    assert await read(stranger) == []
    assert await read(client_for(catalog, Principal.of_service("production"))) == [made["id"]]
