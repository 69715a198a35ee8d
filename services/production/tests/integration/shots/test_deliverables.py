"""`/internal/deliverables`: what export is told of shots, a page at a time, for whom it asks."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from atelier.contracts.deliverables import Deliverable, Deliverables
from atelier.contracts.organizations import Role
from atelier.runtime.auth import Principal
from atelier.runtime.http.app import public_document

SHOTS = "/api/v1/shots/"
URL = "/internal/deliverables"
EXPORT = Principal.of_service("export")


async def page(studio: Any, who: Principal = EXPORT, **params: Any) -> Deliverables:
    """One page, as its reader parses it."""
    answer = await studio.of(who).get(URL, params=params)
    assert answer.status_code == 200, answer.text
    return Deliverables.read(answer.content)


async def ids(studio: Any, who: Principal = EXPORT, **params: Any) -> list[UUID]:
    """The shots of one page."""
    return [one.shot_id for one in (await page(studio, who, **params)).data]


async def approve(studio: Any, *shots: UUID) -> None:
    """Give these shots an approved revision."""
    for id_ in shots:
        await studio.revise(id_, "REVIEW")
        assert (await studio.client.post(f"{SHOTS}{id_}/approve")).status_code == 200


async def test_a_deliverable_names_and_describes_the_file(studio: Any) -> None:
    shot_type = studio.a_shot_type()
    (id_,) = await studio.plan([shot_type])
    await approve(studio, id_)
    shot = await studio.read(id_)
    (told,) = (await page(studio, shot_ids=str(id_))).data
    (image,) = shot["revisions"][0]["images"]
    assert told.image is not None
    assert str(told.image.id) == image["image_media"]["id"]
    assert told == Deliverable(
        shot_id=id_,
        look_id=shot["shooting_look_id"],
        shooting_id=told.shooting_id,
        shooting_name="Spring",
        owner_id=studio.photographer.user_id,
        status="APPROVED",
        revision_id=shot["current_revision_id"],
        revision_version=1,
        image=told.image,
        product_id=studio.product.id,
        product=studio.product,
        shot_type_id=shot_type.id,
        shot_type=shot_type,
        subject_name="Ada Lake",
    )


async def test_a_shot_without_a_revision_has_no_picture(studio: Any) -> None:
    id_ = await studio.shot()
    (told,) = (await page(studio, shot_ids=str(id_))).data
    assert (told.status, told.revision_id, told.revision_version, told.image) == ("PENDING", None, None, None)


async def test_it_is_the_current_revision_and_its_first_picture(studio: Any, upload: Any) -> None:
    id_ = await studio.shot()
    await studio.revise(id_, "REVIEW")
    second = await studio.revise(id_, "REVIEW", images=[upload(), upload()])
    (told,) = (await page(studio, shot_ids=str(id_))).data
    assert told.image is not None
    first_picture = second["images"][0]["image_media"]["id"]
    assert (str(told.revision_id), told.revision_version, str(told.image.id)) == (
        second["id"],
        2,
        first_picture,
    )


async def test_approved_are_shots_whose_current_revision_is(studio: Any) -> None:
    approved, reworked, rejected, waiting = await studio.plan([studio.a_shot_type() for _ in range(4)])
    await approve(studio, approved, reworked)
    await studio.revise(reworked, "REVIEW")
    await studio.revise(rejected, "REVIEW")
    await studio.client.post(f"{SHOTS}{rejected}/reject")
    asked = ",".join(map(str, (approved, reworked, rejected, waiting)))
    assert await ids(studio, shot_ids=asked, approved=True) == [approved]
    assert await ids(studio, shot_ids=asked) == [approved, reworked, rejected, waiting]


async def test_pages_follow_each_other_by_shot(studio: Any) -> None:
    shots = await studio.plan([studio.a_shot_type() for _ in range(5)])
    look = (await studio.read(shots[0]))["shooting_look_id"]
    seen: list[UUID] = []
    after: dict[str, Any] = {}
    for expected in (2, 2, 1):
        told = await page(studio, look_id=look, limit=2, **after)
        assert len(told.data) == expected
        seen += [one.shot_id for one in told.data]
        after = {"after": str(told.next_after)}
    assert (seen, told.next_after) == (sorted(shots), None)
    exactly = await page(studio, look_id=look, limit=5)
    assert (len(exactly.data), exactly.next_after) == (5, None)


async def test_products_look_and_shooting_narrow_together(studio: Any) -> None:
    other = studio.a_product()
    first = await studio.shot()
    (second,) = await studio.plan(product=other)
    both = f"{studio.product.id},{other.id}"
    (one,) = (await page(studio, shot_ids=str(second))).data
    narrowed: tuple[tuple[dict[str, Any], list[UUID]], ...] = (
        ({"product_ids": both}, [first, second]),
        ({"product_ids": str(other.id)}, [second]),
        ({"product_ids": both, "look_id": str(one.look_id)}, [second]),
        ({"shooting_id": str(one.shooting_id)}, [second]),
        ({"shooting_id": str(one.shooting_id), "product_ids": str(studio.product.id)}, []),
        ({"shot_ids": f"{first},{uuid4()}"}, [first]),
    )
    for params, expected in narrowed:
        assert await ids(studio, **params) == expected


async def test_everybody_is_told_what_they_may_see(studio: Any) -> None:
    personal = await studio.shot()
    (shared,) = await studio.plan(organization=studio.organization)
    photographer = Principal(
        user_id=studio.photographer.user_id, organizations={studio.organization: Role.VIEWER}
    )
    asked = f"{personal},{shared}"
    for who, expected in (
        (EXPORT, [personal, shared]),
        (Principal(user_id=uuid4(), superuser=True), [personal, shared]),
        (photographer, [personal, shared]),
        (studio.photographer, [personal]),
        (studio.member(Role.VIEWER), [shared]),
        (Principal(user_id=uuid4()), []),
    ):
        assert await ids(studio, who, shot_ids=asked) == expected
    assert (await studio.of(Principal.anonymous()).get(URL)).status_code == 401


async def test_a_tenant_is_an_organization_or_a_person(studio: Any) -> None:
    personal = await studio.shot()
    (shared,) = await studio.plan(organization=studio.organization)
    owner, organization = str(studio.photographer.user_id), str(studio.organization)
    assert await ids(studio, owner_id=owner) == [personal]
    assert await ids(studio, organization_id=organization) == [shared]
    colleague = str(studio.member(Role.MEMBER).user_id)
    assert await ids(studio, organization_id=organization, owner_id=colleague) == [shared]
    assert await ids(studio, owner_id=colleague) == []


async def test_a_deleted_product_is_told_as_it_was_last_known(studio: Any) -> None:
    id_ = await studio.shot()
    gone = studio.product.model_copy(update={"deleted_at": studio.product.created_at})
    await studio.learn(gone)
    (told,) = (await page(studio, shot_ids=str(id_))).data
    assert told.product == gone


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("shot_ids=x", "shot_ids"),
        ("product_ids=" + ",".join([str(UUID(int=0))] * 201), "product_ids"),
        ("look_id=x", "look_id"),
        ("after=x", "after"),
        ("limit=0", "limit"),
        ("limit=501", "limit"),
        ("approved=maybe", "approved"),
    ],
)
async def test_what_cant_be_asked_is_422(studio: Any, query: str, place: str) -> None:
    answer = await studio.of(EXPORT).get(f"{URL}?{query}")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][:2] == ["query", place]


async def test_they_are_in_no_public_document(studio: Any) -> None:
    assert not [path for path in public_document(studio.service.app)["paths"] if "deliverables" in path]
