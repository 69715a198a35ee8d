"""Attachments follow what their owners tell; what nothing uses goes, once the owners agree."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from media_pictures import encoded

from atelier.contracts import documents
from atelier.contracts.enums import ProductGender
from atelier.contracts.generations import GenerationDeleted, PredictionCompleted
from atelier.contracts.media import MediaResourceState, StoredMedia
from atelier.contracts.organizations import OrganizationDeleted, OrganizationState, Role
from atelier.contracts.products import ProductCreated, ProductDeleted, ProductState, ProductUpdated
from atelier.contracts.shots import ShotRevisionCreated
from atelier.media import consumers
from atelier.media.attachments.use_cases import HOLDING
from atelier.media.bootstrap import declare
from atelier.media.settings import Settings
from atelier.runtime.auth import Principal

SWEEP = "sweep-unattached"
NOW = datetime.now(UTC)
EXAMPLES = Path(__file__).parents[4] / "libs/contracts/examples"


async def stored(person: Any, **fields: Any) -> StoredMedia:
    (one,) = await person.taken({"source": base64.b64encode(encoded()).decode()} | fields)
    return StoredMedia.model_validate(one)


def product(person: Any) -> ProductState:
    """A product of that person, without pictures."""
    return ProductState(
        id=uuid4(),
        created_at=NOW,
        updated_at=NOW,
        owner_id=person.principal.user_id,
        name="Shirt",
        gender=ProductGender.UNISEX,
    )


def meant(state: ProductState, slot: str = "cover_image") -> dict[str, Any]:
    id_ = str(state.id)
    use = {"kind": "products", "aggregate_id": id_, "entity_type": "PRODUCT", "entity_id": id_, "slot": slot}
    return {"attachment": use | {"position": None}}


def example(event: type[Any]) -> Any:
    """An event as its contract shows it."""
    return event.read(json.dumps(documents.example(EXAMPLES, event)["payload"]))


async def let_time_pass(inside: Any) -> None:
    """Two days, for what is left over."""
    for statement in (
        "UPDATE media_resources SET unattached_since = unattached_since - interval '2 days'",
        "UPDATE media_attachments SET created_at = created_at - interval '2 days'",
    ):
        await inside.rows(statement)


async def is_there(inside: Any, media_id: UUID) -> bool:
    return bool(await inside.rows("SELECT 1 FROM media_resources WHERE id = :id", id=media_id))


async def sweep(media: Any, inside: Any) -> None:
    await media.declaration.on_start(media.units)
    await inside.run_jobs(SWEEP, due_only=False)
    await inside.run_jobs("remove-unnamed-bytes")


async def test_facts_say_exactly_what_is_attached(person: Any, inside: Any) -> None:
    cover, back, one, two = [await stored(person) for _ in range(4)]
    pictures = {"cover_image": cover, "back_image": back, "reference_images": (one, two, one)}
    state = product(person).model_copy(update=pictures)
    await inside.tell(ProductCreated(state=state))
    assert await inside.attached(str(one.id)) == [
        ("PRODUCT", "cover_image", None, False),
        ("PRODUCT", "reference_images", 0, True),
        ("PRODUCT", "reference_images", 2, True),
    ]
    changed = state.model_copy(update={"back_image": None, "reference_images": (two,)})
    await inside.tell(ProductUpdated(state=changed), version=2)
    assert ("PRODUCT", "back_image", None, True) not in await inside.attached(str(back.id))
    assert ("PRODUCT", "reference_images", 0, True) in await inside.attached(str(two.id))
    assert ("PRODUCT", "reference_images", 1, True) not in await inside.attached(str(two.id))
    gone = changed.model_copy(update={"deleted_at": NOW})
    await inside.tell(ProductDeleted(state=gone), version=3)
    assert await inside.rows("SELECT 1 FROM media_attachments WHERE aggregate_id = :id", id=state.id) == []


async def test_a_fact_confirms_what_ingest_was_told(person: Any, inside: Any) -> None:
    state = product(person)
    media = await stored(person, **meant(state))
    assert await inside.attached(str(media.id)) == [("PRODUCT", "cover_image", None, False)]
    await inside.tell(ProductCreated(state=state.model_copy(update={"cover_image": media})))
    assert await inside.attached(str(media.id)) == [("PRODUCT", "cover_image", None, True)]


async def test_a_fact_about_what_is_not_there_is_no_poison(person: Any, inside: Any) -> None:
    known = await stored(person)
    unknown = known.model_copy(update={"id": uuid4()})
    state = product(person).model_copy(update={"cover_image": known, "back_image": unknown})
    await inside.tell(ProductCreated(state=state))
    assert (
        len(await inside.rows("SELECT 1 FROM media_attachments WHERE aggregate_id = :id", id=state.id)) == 1
    )


async def test_what_nothing_uses_goes_after_a_day(
    person: Any, media: Any, inside: Any, other_services: Any, storage: Any
) -> None:
    state = product(person)
    picture = await stored(person, **meant(state))
    with_it = state.model_copy(update={"cover_image": picture})
    await inside.tell(ProductCreated(state=with_it))
    without = state.model_copy(update={"updated_at": NOW})
    await inside.tell(ProductUpdated(state=without), version=2)
    other_services.own(without, 2)
    await sweep(media, inside)
    assert await is_there(inside, picture.id), "not before a day is over"
    await let_time_pass(inside)
    await sweep(media, inside)
    assert not await is_there(inside, picture.id)
    assert await inside.events(str(picture.id)) == ["MediaIngested", "MediaDeleted"]
    assert await storage.head(picture.key) is None


async def test_the_owner_is_asked_before_bytes_go(
    person: Any, media: Any, inside: Any, other_services: Any, storage: Any
) -> None:
    """The event that it is used again hasn't come yet."""
    state = product(person)
    picture = await stored(person, **meant(state))
    await inside.tell(ProductCreated(state=state))
    other_services.own(state.model_copy(update={"cover_image": picture}), 2)
    await let_time_pass(inside)
    await sweep(media, inside)
    assert await is_there(inside, picture.id)
    assert await inside.attached(str(picture.id)) == [("PRODUCT", "cover_image", None, True)]
    assert await storage.head(picture.key) is not None


async def test_a_shot_is_asked_about_predictions_whose_use_it_has_not_told(
    person: Any, media: Any, inside: Any, other_services: Any
) -> None:
    """A revision names a prediction by its id, without ingest; then the generation is deleted."""
    picture = await stored(person)
    made, shot = example(PredictionCompleted).state, example(ShotRevisionCreated).state
    prediction = made.predictions[0].model_copy(update={"image": picture})
    request = made.request.model_copy(update={"shot_id": shot.id})
    made = made.model_copy(update={"request": request, "predictions": (prediction,)})
    await inside.tell(PredictionCompleted(state=made, prediction_id=prediction.id))
    await inside.tell(GenerationDeleted(state=made.model_copy(update={"deleted_at": NOW})), version=2)
    image = shot.revisions[0].images[0].model_copy(update={"image": picture, "sketch": None})
    revision = shot.revisions[0].model_copy(update={"images": (image,)})
    other_services.own(shot.model_copy(update={"revisions": (revision,)}), 2)
    for _ in range(2):
        await let_time_pass(inside)
        await sweep(media, inside)
    assert await is_there(inside, picture.id)
    assert ("SHOT_REVISION_IMAGE", "image", None, True) in await inside.attached(str(picture.id))


async def test_nothing_goes_while_a_fact_waits_for_an_operator(person: Any, media: Any, inside: Any) -> None:
    """What it would say is attached isn't known, nor to whom."""
    picture = await stored(person)
    await inside.tell(ProductCreated(state=product(person).model_copy(update={"cover_image": picture})))
    await inside.rows("DELETE FROM media_attachments WHERE resource_id = :id", id=picture.id)
    await inside.rows("UPDATE media_resources SET unattached_since = now() WHERE id = :id", id=picture.id)
    await let_time_pass(inside)
    await inside.rows(
        "INSERT INTO dead_letters "
        "(consumer, topic, partition, record_offset, headers, parked, reason, detail) "
        "VALUES ('media', 'production.looks.v1', 0, 0, '[]', false, 'invalid', 'a test')"
    )
    await sweep(media, inside)
    assert await is_there(inside, picture.id)
    await inside.rows("UPDATE dead_letters SET closed_at = now()")
    await sweep(media, inside)
    assert not await is_there(inside, picture.id)


async def test_an_owner_that_is_away_keeps_what_it_may_hold(
    make_service: Any, person_of: Any, inside_of: Any
) -> None:
    service = await make_service(declare, Settings, catalog_urls=("http://127.0.0.1:1",))
    inside, person = inside_of(service), person_of(Principal(user_id=uuid4()), service=service)
    state = product(person)
    picture = await stored(person, **meant(state))
    await inside.tell(ProductCreated(state=state))
    await let_time_pass(inside)
    await sweep(service, inside)
    assert await is_there(inside, picture.id)


async def test_protected_ones_stay(person: Any, media: Any, inside: Any) -> None:
    state = product(person)
    picture = await stored(person, **meant(state), protected=True)
    await inside.tell(ProductCreated(state=state))
    await let_time_pass(inside)
    await sweep(media, inside)
    assert await is_there(inside, picture.id)


async def test_a_request_that_failed_after_ingest_leaves_nothing(
    person: Any, media: Any, inside: Any, storage: Any
) -> None:
    picture = await stored(person, **meant(product(person)))
    await sweep(media, inside)
    assert len(await inside.attached(str(picture.id))) == 1, "the event may still come"
    await let_time_pass(inside)
    await sweep(media, inside)
    assert await inside.attached(str(picture.id)) == []
    assert await is_there(inside, picture.id), "for another day"
    await let_time_pass(inside)
    await sweep(media, inside)
    assert not await is_there(inside, picture.id)
    assert await storage.head(picture.key) is None


async def test_used_again_it_stays(person: Any, media: Any, inside: Any, other_services: Any) -> None:
    state, other = product(person), product(person)
    picture = await stored(person, **meant(state))
    await inside.tell(ProductCreated(state=state))
    await let_time_pass(inside)
    other_services.own(state)
    await person.taken({"media_resource_id": str(picture.id)} | meant(other))
    await sweep(media, inside)
    assert await is_there(inside, picture.id)


async def test_what_two_hold_stays_when_one_goes(
    person: Any, media: Any, inside: Any, other_services: Any, storage: Any
) -> None:
    first, second = product(person), product(person)
    picture = await stored(person, **meant(first), also=[meant(second)["attachment"]])
    shown = {"cover_image": picture}
    other_services.own(second.model_copy(update=shown))  # its own event is late
    await inside.tell(ProductCreated(state=first.model_copy(update=shown)))
    await inside.tell(ProductDeleted(state=first.model_copy(update={"deleted_at": NOW})), version=2)
    await let_time_pass(inside)
    await sweep(media, inside)
    await let_time_pass(inside)
    await sweep(media, inside)
    assert await is_there(inside, picture.id)
    assert await storage.head(picture.key) is not None
    assert await inside.attached(str(picture.id)) == [("PRODUCT", "cover_image", None, True)]


async def test_a_deleted_organizations_resources_go_to_its_last_owner(person_of: Any, inside: Any) -> None:
    organization, picture = uuid4(), base64.b64encode(encoded()).decode()
    principal = Principal(user_id=uuid4(), organizations={organization: Role.OWNER})
    own, shared = person_of(principal), person_of(principal, organization)
    (mine,), (ours,) = await own.taken({"source": picture}), await shared.taken({"source": picture})
    only = await stored(shared)
    state = OrganizationState(
        id=organization, created_at=NOW, updated_at=NOW, name="O", slug=str(organization)
    )
    await inside.tell(OrganizationDeleted(state=state, last_owner_id=principal.user_id))
    await inside.run_jobs("release-organization")
    rows = await inside.rows(
        "SELECT id, owner_id, organization_id FROM media_resources WHERE owner_id = :id", id=principal.user_id
    )
    assert {row.id for row in rows} == {UUID(mine["id"]), UUID(ours["id"]), only.id}
    assert {row.organization_id for row in rows} == {None}
    assert await inside.events(ours["id"]) == ["MediaIngested", "MediaUpdated"]
    (again,) = await own.taken({"media_resource_id": str(only.id)})
    assert again["sha256"] == only.sha256
    (same,) = await own.taken({"source": picture})
    assert same["id"] in (mine["id"], ours["id"])


async def test_owners_and_superusers_see_a_resource_inside(person: Any, person_of: Any) -> None:
    picture = await stored(person)
    for principal, seen in (
        (person.principal, True),
        (Principal.of_service("production"), True),
        (Principal(user_id=uuid4()), False),
    ):
        answer = await person_of(principal).client.get(f"/internal/media-resources?ids={picture.id}")
        found = [MediaResourceState.model_validate(one["state"]) for one in answer.json()["data"]]
        assert [one.stored() for one in found] == ([picture] if seen else [])


@pytest.mark.parametrize("event", consumers.HOLDERS)
def test_every_fact_is_of_an_aggregate_that_holds_files(event: Any) -> None:
    state = event.model_fields["state"].annotation
    assert HOLDING[state.kind] is state
