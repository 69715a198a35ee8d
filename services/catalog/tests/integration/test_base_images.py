"""Base images over HTTP: one per shot type, each with a picture of its own."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from atelier.catalog.shot_types.models import ShotType
from atelier.contracts.organizations import Role

SUBJECTS = "/api/v1/subjects/"


@pytest.fixture
async def url(client: Any, subject: Any) -> str:
    """Where a new subject's base images are."""
    made = await client.post(SUBJECTS, json=subject())
    return f"{SUBJECTS}{made.json()['id']}/base_images"


@pytest.fixture
def of(shot_types: Any, picture: Any) -> Any:
    """The body of a base image for a shot type."""

    def make(name: str, image_url: str | None = None) -> dict[str, str]:
        return {"shot_type_id": shot_types[name], "image_url": image_url or picture()}

    return make


async def make_shot_type(catalog: Any, **fields: Any) -> str:
    """A shot type of somebody's own; there is no operation for that yet."""
    now = catalog.units.clock.now()
    made = ShotType(
        id=uuid4(),
        version=1,
        created_at=now,
        updated_at=now,
        name="hem",
        view_angle="front",
        framing="detail",
        **{"public": False} | fields,
    )
    async with catalog.sessions.begin() as session:
        session.add(made)
    return str(made.id)


async def test_a_new_one_replaces_that_of_its_shot_type(
    client: Any, url: str, of: Any, told: Any, other_services: Any
) -> None:
    subject_id = url.split("/")[-2]
    first = await client.post(url, json=of("front_full_body"))
    assert (first.status_code, first.headers["etag"]) == (201, '"2"')
    assert first.json()["shot_type_label"] == "front_full_body"
    back = (await client.post(url, json=of("back_full_body"))).json()
    again = (await client.post(url, json=of("front_full_body"))).json()
    assert again["image_url"] != first.json()["image_url"]
    assert (await client.get(url)).json() == {"data": [back, again]}
    assert (await client.get(SUBJECTS + subject_id)).json()["base_images"] == [back, again]
    last = (await told(subject_id))[-1].state
    for base in last.base_images:
        (meant,) = (one["attachment"] for one in other_services.media.attached_to(base.id))
        assert (meant["kind"], meant["aggregate_id"]) == ("subjects", subject_id)
        assert (meant["entity_type"], meant["slot"], meant["position"]) == (
            "SUBJECT_BASE_IMAGE",
            "image",
            None,
        )


async def test_the_list_narrows_to_a_shot_type(client: Any, url: str, of: Any, shot_types: Any) -> None:
    back = (await client.post(url, json=of("back_full_body"))).json()
    await client.post(url, json=of("front_full_body"))
    params = {"shot_type": shot_types["back_full_body"]}
    assert (await client.get(url, params=params)).json() == {"data": [back]}
    assert (await client.get(url, params={"shot_type": str(uuid4())})).json() == {"data": []}
    assert (await client.get(url, params={"shot_type": "front"})).status_code == 422


async def test_one_is_deleted_by_its_url(client: Any, url: str, of: Any, picture: Any, told: Any) -> None:
    shared = picture()
    for name in ("front_full_body", "back_full_body"):
        assert (await client.post(url, json=of(name, shared))).status_code == 201
    kept = (await client.post(url, json=of("front_detail"))).json()
    listed = (await client.get(url)).json()["data"]
    assert listed[0]["image_url"] == listed[1]["image_url"] != kept["image_url"]
    stale = {"url": kept["image_url"]}
    assert (await client.delete(url, params=stale, headers={"If-Match": '"1"'})).status_code == 412
    gone = await client.delete(url, params={"url": listed[0]["image_url"]})
    assert (gone.status_code, gone.json()) == (200, {"message": "Base image removed."})
    assert (await client.get(url)).json() == {"data": [kept]}
    for unknown in (listed[0]["image_url"], "nothing", kept["image_url"] + "?", ""):
        assert (await client.delete(url, params={"url": unknown})).status_code == 404
    assert (await client.delete(url)).status_code == 422
    assert len(await told(url.split("/")[-2])) == 5


async def test_shot_types_that_may_not_be_used_are_422_as_unknown_ones(
    catalog: Any, client: Any, url: str, subject: Any, picture: Any, other_services: Any
) -> None:
    now = catalog.units.clock.now()
    foreign = await make_shot_type(catalog, owner_id=uuid4())
    deleted = await make_shot_type(catalog, public=True, deleted_at=now)
    asked = len(other_services.media.asked)
    answers = []
    for id_ in (str(uuid4()), foreign, deleted):
        body = {"shot_type_id": id_, "image_url": picture()}
        alone = await client.post(url, json=body)
        assert alone.json()["detail"][0]["loc"] == ["body", "shot_type_id"]
        within = await client.post(SUBJECTS, json=subject(base_images=[body]))
        assert within.json()["detail"][0]["loc"] == ["body", "base_images", 0, "shot_type_id"]
        answers += [alone, within]
    assert {answer.status_code for answer in answers} == {422}
    assert len({answer.json()["detail"][0]["msg"] for answer in answers}) == 1
    assert len(other_services.media.asked) == asked


async def test_a_shot_type_of_the_subjects_own_tenant_may_be_used(
    catalog: Any, organization: Any, subject: Any, picture: Any
) -> None:
    theirs = await make_shot_type(catalog, owner_id=uuid4(), organization_id=organization.id)
    personal = await make_shot_type(catalog, owner_id=organization.users[Role.MEMBER])
    member, within = organization[Role.MEMBER], {"organization_id": str(organization.id)}
    for params, fits, doesnt in ((within, theirs, personal), ({}, personal, theirs)):
        good, bad = ([{"shot_type_id": id_, "image_url": picture()}] for id_ in (fits, doesnt))
        made = await member.post(SUBJECTS, params=params, json=subject(base_images=good))
        assert (made.status_code, made.json()["base_images"][0]["shot_type_label"]) == (201, "hem")
        assert (await member.post(SUBJECTS, params=params, json=subject(base_images=bad))).status_code == 422


async def test_a_new_subject_has_one_per_shot_type(client: Any, subject: Any, of: Any, picture: Any) -> None:
    twice = [of("front_detail"), of("back_full_body"), of("front_detail")]
    answer = await client.post(SUBJECTS, json=subject(base_images=twice))
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "base_images", 2, "shot_type_id"]


@pytest.mark.parametrize("image_url", ["", None, {"url": "x"}, 7])
async def test_what_is_no_picture_is_422(client: Any, url: str, of: Any, image_url: Any) -> None:
    answer = await client.post(url, json=of("front_detail") | {"image_url": image_url})
    assert (answer.status_code, answer.json()["detail"][0]["loc"]) == (422, ["body", "image_url"])


async def test_what_media_refuses_is_told_at_its_place_and_changes_nothing(
    client: Any, url: str, subject: Any, of: Any, picture: Any, other_services: Any
) -> None:
    broken = other_services.media.refuse(picture())
    alone = await client.post(url, json=of("front_detail", broken))
    both = [of("front_full_body"), of("front_detail", broken)]
    within = await client.post(SUBJECTS, json=subject(base_images=both))
    assert (alone.status_code, within.status_code) == (422, 422)
    assert alone.json()["detail"][0]["loc"] == ["body", "image_url"]
    assert within.json()["detail"][0]["loc"] == ["body", "base_images", 1, "image_url"]
    assert (await client.get(url)).json() == {"data": []}


async def test_several_at_once_are_all_there(client: Any, url: str, of: Any, shot_types: Any) -> None:
    answers = await asyncio.gather(*(client.post(url, json=of(name)) for name in shot_types))
    assert {answer.status_code for answer in answers} == {201}
    assert len((await client.get(url)).json()["data"]) == len(shot_types)


async def test_a_repeated_request_adds_one_and_answers_the_same(
    client: Any, url: str, of: Any, told: Any
) -> None:
    body, headers = of("front_detail"), {"Idempotency-Key": str(uuid4())}
    first, second = [await client.post(url, json=body, headers=headers) for _ in range(2)]
    assert (second.content, second.headers["etag"]) == (first.content, '"2"')
    assert len(await told(url.split("/")[-2])) == 2


async def test_an_organizations_roles_decide(organization: Any, client: Any, subject: Any, of: Any) -> None:
    within = {"organization_id": str(organization.id)}
    made = await organization[Role.MEMBER].post(SUBJECTS, params=within, json=subject())
    url = f"{SUBJECTS}{made.json()['id']}/base_images"
    assert (await organization[Role.VIEWER].post(url, json=of("front_detail"))).status_code == 403
    added = await organization[Role.ADMIN].post(url, params=within, json=of("front_detail"))
    assert added.status_code == 201
    gone = {"url": added.json()["image_url"]}
    assert (await client.get(url)).status_code == 404
    assert (await client.get(url, params=within)).status_code == 403
    assert (await client.delete(url, params=gone)).status_code == 404
    assert (await organization[Role.VIEWER].delete(url, params=gone)).status_code == 403
    assert (await organization[Role.VIEWER].get(url)).json() == {"data": [added.json()]}
    assert (await organization[Role.MEMBER].delete(url, params=gone)).status_code == 200
