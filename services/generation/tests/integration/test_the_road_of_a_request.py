"""From production's request to pictures in storage, each told of once."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

import pytest
import pyvips

from atelier.contracts.generations import GenerationCompleted, PredictionCompleted
from atelier.contracts.products import ProductDeleted
from atelier.contracts.shots import ShotDeleted
from atelier.runtime.auth import Principal
from darkroom.factories import product_of, requested, shot_of

SERVICE = Principal.of_service("somebody")


async def test_a_request_becomes_pictures_in_storage(house: Any, tee: Any) -> None:
    request = await house.request(tee, batch_size=3, file_format="PNG")
    before = await house.state(request.id)
    assert (before.status, [one.status for one in before.predictions]) == ("PENDING", ["pending"] * 3)
    await house.finish()
    state = await house.state(request.id)
    assert state.status == "COMPLETED"
    assert [one.seed for one in state.predictions] == [7, 8, 9]
    assert [one.id for one in state.predictions] == [uuid5(request.id, str(n)) for n in range(3)]
    for prediction in state.predictions:
        assert prediction.status == "completed"
        assert prediction.image is not None
        assert prediction.duration_seconds is not None
        picture = pyvips.Image.new_from_buffer(await house.stored(prediction.image.key), "")
        assert (picture.width, picture.height) == (160, 240)
    assert len({one.image.sha256 for one in state.predictions}) == 3


async def test_each_step_is_told_once_and_in_order(house: Any, tee: Any) -> None:
    request = await house.request(tee, batch_size=2)
    await house.finish()
    names = await house.names(request.id)
    assert names == ["GenerationStarted", "PredictionCompleted", "PredictionCompleted", "GenerationCompleted"]
    told = await house.told(request.id)
    assert {one.prediction_id for one in told if isinstance(one, PredictionCompleted)} == {
        uuid5(request.id, str(n)) for n in range(2)
    }
    assert isinstance(told[-1], GenerationCompleted)
    assert told[-1].state == await house.state(request.id)
    assert told[-1].state.request.shot_id == request.shot_id


async def test_media_is_told_whose_the_picture_is_and_what_for(house: Any, tee: Any) -> None:
    request = await house.request(tee, organization_id=UUID(int=5))
    await house.finish()
    (asked,) = house.media.asked
    assert (asked["owner_id"], asked["organization_id"]) == (str(request.owner_id), str(UUID(int=5)))
    assert asked["items"][0]["attachment"] == {
        "kind": "generations",
        "aggregate_id": str(request.id),
        "entity_type": "PREDICTION",
        "entity_id": str(uuid5(request.id, "0")),
        "slot": "result_image",
        "position": None,
    }
    state = await house.state(request.id)
    assert [(one.entity_type, one.slot) for one in state.attached()] == [("PREDICTION", "result_image")]


async def test_the_backend_gets_the_inputs_as_files_and_they_are_gone_afterwards(
    house: Any, tee: Any
) -> None:
    seen: list[bytes] = []
    house.backend.instead.append(
        lambda order: seen.extend(p.read_bytes() for p in (order.product, order.subject))
    )
    await house.request(tee, subject_image=tee)
    await house.finish()
    assert seen == [await house.stored(tee.key)] * 2
    (order,) = house.backend.orders
    assert order.background is None
    assert list(house.service.settings.work_folder.iterdir()) == []


async def test_the_same_request_again_is_nothing(house: Any, tee: Any) -> None:
    request = await house.request(tee, batch_size=2)
    await house.tell(requested(request), requested(request))
    await house.finish()
    await house.tell(requested(request))
    await house.finish()
    assert len(house.backend.orders) == 2
    assert len(await house.names(request.id)) == 4


async def test_the_same_request_under_another_id_makes_the_same_pictures(house: Any, tee: Any) -> None:
    first = await house.request(tee)
    second = await house.request(tee, owner_id=first.owner_id)
    await house.finish()
    one, other = await house.state(first.id), await house.state(second.id)
    assert one.predictions[0].image.sha256 == other.predictions[0].image.sha256
    assert len(house.media.resources) == 1


async def test_a_request_for_a_shot_that_is_gone_already_makes_nothing(house: Any, tee: Any) -> None:
    request = await house.request(tee)
    late = request.model_copy(update={"id": UUID(int=77)})
    await house.tell(ShotDeleted(state=shot_of(request)), requested(late))
    await house.finish()
    assert await house.state(late.id) is None
    assert house.backend.orders == []


async def test_a_request_for_a_product_that_is_gone_already_makes_nothing(house: Any, tee: Any) -> None:
    request = await house.request(tee)
    await house.tell(ProductDeleted(state=product_of(request.product_id)))
    late = request.model_copy(update={"id": UUID(int=78)})
    await house.tell(requested(late))
    await house.finish()
    assert await house.state(late.id) is None


async def test_a_products_end_takes_its_generations_along(house: Any, tee: Any) -> None:
    request = await house.request(tee)
    other = await house.request(tee)
    await house.finish()
    await house.tell(ProductDeleted(state=product_of(request.product_id)))
    await house.finish()
    assert await house.state(request.id) is None
    assert await house.state(other.id) is not None
    told = (await house.told(request.id))[-1]
    assert type(told).__name__ == "GenerationDeleted"
    assert told.state.deleted_at is not None
    query = "SELECT count(*) FROM predictions WHERE generation_id = :id"
    assert (await house.rows(query, id=request.id))[0][0] == 0


async def test_a_product_may_have_more_generations_than_a_batch(
    house: Any, tee: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("atelier.generation.generations.use_cases.BATCH", 2)
    first = await house.request(tee)
    for _ in range(4):
        await house.request(tee, product_id=first.product_id)
    await house.finish()
    await house.tell(ProductDeleted(state=product_of(first.product_id)))
    await house.finish()
    query = "SELECT count(*) FROM generations WHERE product_id = :id"
    assert (await house.rows(query, id=first.product_id))[0][0] == 0


async def test_a_prediction_is_read_by_itself_with_its_generations_version(house: Any, tee: Any) -> None:
    request = await house.request(tee)
    await house.finish()
    id_ = str(uuid5(request.id, "0"))
    (item,) = (await house.client(SERVICE).get("/internal/predictions", params={"ids": id_})).json()["data"]
    generation = (
        await house.client(SERVICE).get("/internal/generations", params={"ids": str(request.id)})
    ).json()["data"][0]
    assert item["version"] == generation["version"] == 3
    assert item["state"] == generation["state"]["predictions"][0]
    assert item["state"]["shot_id"] == str(request.shot_id)
    stranger = house.client(Principal(user_id=UUID(int=1)))
    for kind in ("predictions", "generations"):
        assert (await stranger.get(f"/internal/{kind}")).json()["data"] == []
    owner = house.client(Principal(user_id=request.owner_id))
    assert len((await owner.get("/internal/predictions")).json()["data"]) == 1
