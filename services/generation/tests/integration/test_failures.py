"""What fails is tried again or ends, by what kind of failure it is; each prediction ends once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import InterfaceError

from atelier.contracts.enums import ErrorCategory
from atelier.contracts.products import ProductDeleted
from atelier.contracts.shots import ShotDeleted
from atelier.generation.generations.use_cases import MAKE
from atelier.generation.ports import BackendError
from atelier.generation.predictions.retries import RETRIES
from atelier.runtime.jobs import Job, LeaseLostError
from darkroom.factories import product_of, shot_of

RETRIED = (
    ErrorCategory.TRANSIENT,
    ErrorCategory.RATE_LIMITED,
    ErrorCategory.TIMEOUT,
    ErrorCategory.BACKEND_UNAVAILABLE,
    ErrorCategory.INTERNAL,
)


LEASE = timedelta(seconds=1.5)
"""Short for a test, and long enough for a machine that has much else to do."""


class Killed(BaseException):
    """As by kill -9: nothing that is written for failures sees it."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for a grown back-off; how it grows is a unit test's."""
    monkeypatch.setattr("atelier.generation.predictions.retries.LONGEST", timedelta(seconds=0.02))


@pytest.mark.parametrize("category", RETRIED)
async def test_what_may_pass_is_tried_again(house: Any, tee: Any, category: ErrorCategory) -> None:
    house.backend.instead += [BackendError(category, "not now")] * 2
    request = await house.request(tee)
    await house.finish()
    assert len(house.backend.orders) == 3
    state = await house.state(request.id)
    assert (state.status, state.predictions[0].error_category) == ("COMPLETED", None)
    assert await house.names(request.id) == [
        "GenerationStarted",
        "PredictionCompleted",
        "GenerationCompleted",
    ]


@pytest.mark.parametrize("category", list(ErrorCategory))
async def test_what_goes_on_failing_ends_and_says_why(house: Any, tee: Any, category: ErrorCategory) -> None:
    house.backend.instead += [BackendError(category, "no use")] * 20
    request = await house.request(tee)
    await house.finish()
    assert len(house.backend.orders) == 1 + RETRIES.get(category, 0)
    state = await house.state(request.id)
    (prediction,) = state.predictions
    assert (state.status, prediction.status) == ("FAILED", "failed")
    assert (prediction.error_category, prediction.error_message) == (category, "no use")
    assert await house.names(request.id) == ["GenerationStarted", "PredictionFailed", "GenerationFailed"]


async def test_a_backend_that_breaks_is_internal(house: Any, tee: Any) -> None:
    house.backend.instead += [ZeroDivisionError("secret detail")] * 20
    request = await house.request(tee)
    await house.finish()
    (prediction,) = (await house.state(request.id)).predictions
    assert (prediction.error_category, prediction.error_message) == ("INTERNAL", "The backend broke down.")


async def test_one_picture_is_enough(house: Any, tee: Any) -> None:
    house.backend.instead.append(BackendError(ErrorCategory.CONTENT_REFUSED, "not this"))
    request = await house.request(tee, batch_size=2)
    await house.finish()
    state = await house.state(request.id)
    assert state.status == "COMPLETED"
    assert sorted(one.status for one in state.predictions) == ["completed", "failed"]
    names = await house.names(request.id)
    assert names[0] == "GenerationStarted"
    assert names[-1] == "GenerationCompleted"
    assert sorted(names[1:-1]) == ["PredictionCompleted", "PredictionFailed"]


@pytest.mark.parametrize("which", ["product_image", "subject_image", "background_image"])
async def test_an_input_that_is_gone_is_an_invalid_one(house: Any, tee: Any, which: str) -> None:
    missing = tee.model_copy(update={"key": "media/nowhere/file.jpg"})
    request = await house.request(**({"product_image": tee} | {which: missing}))
    await house.finish()
    (prediction,) = (await house.state(request.id)).predictions
    assert prediction.error_category == "INVALID_INPUT"
    assert which.removesuffix("_image") in prediction.error_message
    assert house.backend.orders == []


async def test_an_input_that_is_too_large_is_an_invalid_one(house: Any, bucket: Any, tee: Any) -> None:
    large = tee.model_copy(update={"key": f"media/{UUID(int=9)}/file.jpg"})
    await bucket.put(large.key, b"x" * (house.service.settings.longest_input_bytes + 1), "image/jpeg")
    request = await house.request(large)
    await house.finish()
    (prediction,) = (await house.state(request.id)).predictions
    assert (prediction.error_category, prediction.error_message) == (
        "INVALID_INPUT",
        "The product image is too large.",
    )


async def test_a_format_that_isnt_known_is_an_invalid_input(house: Any, tee: Any) -> None:
    request = await house.request(tee, file_format="TIFF")
    await house.finish()
    (prediction,) = (await house.state(request.id)).predictions
    assert (prediction.error_category, prediction.status) == ("INVALID_INPUT", "failed")


async def test_what_media_refuses_is_internal(house: Any, tee: Any) -> None:
    house.media.refuses = True
    request = await house.request(tee)
    await house.finish()
    (prediction,) = (await house.state(request.id)).predictions
    assert prediction.error_category == "INTERNAL"


async def test_where_media_is_away_the_picture_waits_and_costs_no_try(house: Any, tee: Any) -> None:
    house.media.away = True
    request = await house.request(tee)
    async with house.at_work():
        await house.until("SELECT count(*) FROM jobs WHERE last_error IS NOT NULL", 1)
        house.media.away = False
        await house.rows("UPDATE jobs SET run_at = now()")
        await house.until("SELECT status FROM generations WHERE id = :id", "COMPLETED", id=request.id)
    assert (await house.rows("SELECT failures FROM predictions WHERE generation_id = :id", id=request.id))[0][
        0
    ] == 0


def _make(house: Any) -> Any:
    return house.service.declaration.jobs_of(house.service)[MAKE]


async def test_a_job_that_runs_twice_makes_one_picture(house: Any, tee: Any) -> None:
    request = await house.request(tee)
    job, make = await house.claim(), _make(house)
    await make(job)
    before = await house.state(request.id)
    await make(job)
    assert await house.state(request.id) == before
    assert len(house.backend.orders) == 1
    assert len(house.media.resources) == 1


async def test_a_worker_that_dies_before_the_last_commit_leaves_one_picture(
    house: Any, tee: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by kill -9 between media's answer and the commit: the successor does all of it again."""
    request = await house.request(tee)

    async def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("atelier.generation.predictions.use_cases.complete", die)
        with pytest.raises(Killed):
            await _make(house)(await house.claim())
    assert (await house.state(request.id)).predictions[0].status == "processing"
    await _make(house)(await house.claim())
    assert (await house.state(request.id)).status == "COMPLETED"
    assert len(house.backend.orders) == 2
    assert len(house.media.asked) == 2
    assert len(house.media.resources) == 1, "the same bytes are one resource"
    assert await house.names(request.id) == [
        "GenerationStarted",
        "PredictionCompleted",
        "GenerationCompleted",
    ]


async def test_a_worker_that_lost_its_lease_writes_nothing(house: Any, tee: Any) -> None:
    request = await house.request(tee)
    late, successor = await house.claim(), await house.claim()
    await _make(house)(successor)
    with pytest.raises(LeaseLostError):
        await _make(house)(late)
    assert len(house.backend.orders) == 1
    assert (await house.state(request.id)).status == "COMPLETED"


async def test_a_lease_that_is_lost_while_the_backend_works_is_fenced(house: Any, tee: Any) -> None:
    request = await house.request(tee)
    late, make = await house.claim(), _make(house)
    at_backend, go_on = asyncio.Event(), asyncio.Event()

    async def wait(_: Any) -> None:
        at_backend.set()
        await go_on.wait()

    house.backend.instead.append(wait)
    making = asyncio.create_task(make(late))
    await at_backend.wait()
    await make(await house.claim())
    done = await house.state(request.id)
    go_on.set()
    with pytest.raises(LeaseLostError):
        await making
    assert await house.state(request.id) == done
    assert len(house.media.resources) == 1


async def _take_longer_than_a_lease(_: Any) -> None:
    await asyncio.sleep(LEASE.total_seconds() * 1.7)


async def _make_beside_another_worker(house: Any, tee: Any) -> None:
    house.backend.instead.append(_take_longer_than_a_lease)
    request = await house.request(tee)
    async with house.at_work(lease=LEASE), house.at_work(lease=LEASE):
        await house.until("SELECT status FROM generations WHERE id = :id", "COMPLETED", id=request.id)
    assert len(house.backend.orders) == 1


async def test_a_lease_is_kept_while_the_backend_works(house: Any, tee: Any) -> None:
    await _make_beside_another_worker(house, tee)


async def test_a_lease_is_kept_though_the_database_was_away_for_a_moment(
    house: Any, tee: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    extend, refused = Job.extend, []

    async def refuse_once(job: Job) -> None:
        if not refused:
            refused.append(job.key)
            raise InterfaceError("", {}, Exception(), connection_invalidated=True)
        await extend(job)

    monkeypatch.setattr(Job, "extend", refuse_once)
    await _make_beside_another_worker(house, tee)
    assert len(refused) == 1


async def test_a_shots_end_cancels_what_isnt_made_yet(house: Any, tee: Any) -> None:
    request = await house.request(tee, batch_size=2)
    await house.tell(ShotDeleted(state=shot_of(request)))
    await house.finish()
    state = await house.state(request.id)
    assert (state.status, {one.status for one in state.predictions}) == ("CANCELLED", {"cancelled"})
    assert await house.names(request.id) == ["GenerationCancelled"]
    assert house.backend.orders == []
    await house.tell(ShotDeleted(state=shot_of(request)))
    assert await house.names(request.id) == ["GenerationCancelled"]


async def test_what_is_ready_when_the_shot_ends_stays_and_the_rest_is_cancelled(house: Any, tee: Any) -> None:
    request = await house.request(tee, batch_size=2)
    await _make(house)(await house.claim())
    await house.tell(ShotDeleted(state=shot_of(request)))
    state = await house.state(request.id)
    assert (state.status, [one.status for one in state.predictions]) == (
        "CANCELLED",
        ["completed", "cancelled"],
    )


async def test_a_cancel_while_the_backend_works_wins_and_the_picture_isnt_kept(house: Any, tee: Any) -> None:
    request = await house.request(tee)
    house.backend.instead.append(lambda _: house.tell(ShotDeleted(state=shot_of(request))))
    await house.finish()
    state = await house.state(request.id)
    assert (state.status, state.predictions[0].image) == ("CANCELLED", None)
    assert await house.names(request.id) == ["GenerationStarted", "GenerationCancelled"]
    assert list(state.attached()) == [], "media finds nobody who confirms the picture"


async def test_a_products_end_while_the_backend_works_leaves_nothing(house: Any, tee: Any) -> None:
    request = await house.request(tee)

    async def delete(_: Any) -> None:
        await house.tell(ProductDeleted(state=product_of(request.product_id)))
        await house.until("SELECT count(*) FROM generations WHERE id = :id", 0, id=request.id)

    house.backend.instead.append(delete)
    await house.finish()
    assert await house.state(request.id) is None
    assert (await house.names(request.id))[-1] == "GenerationDeleted"


@pytest.mark.parametrize("round_", range(8))
async def test_cancel_and_completion_at_once_leave_one_end(house: Any, tee: Any, round_: int) -> None:
    request = await house.request(tee, id=UUID(int=1000 + round_), batch_size=2)
    async with house.at_work():
        await asyncio.sleep(0.02 * round_)
        await house.tell(ShotDeleted(state=shot_of(request)))
        await house.until("SELECT count(*) FROM jobs WHERE finished_at IS NULL", 0)
    names, state = await house.names(request.id), await house.state(request.id)
    ends = [name for name in names if name in ("GenerationCompleted", "GenerationCancelled")]
    assert len(ends) == 1
    assert ends[0] == f"Generation{str(state.status).capitalize()}"
    assert names[-1] == ends[0]
    assert all(one.status in ("completed", "cancelled") for one in state.predictions)
