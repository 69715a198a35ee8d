"""A job is one worker's at a time; whatever happens to the worker, it is done."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from newsroom import Newsroom, eventually, rows, run
from sqlalchemy import text

from atelier.runtime import metrics
from atelier.runtime.jobs import Job, JobHandler, JobWorker, LeaseLostError, RunAgain
from atelier.runtime.request_context import Cause, current_cause
from atelier.runtime.service import Service

SHORT = timedelta(seconds=0.4)


@pytest.fixture(scope="module")
async def service(room: Newsroom) -> Service:
    return await room.reader()


def _worker(
    service: Service, handlers: Mapping[str, JobHandler], slots: int = 1, poll: float = 0.05
) -> JobWorker:
    return JobWorker(
        sessions=service.sessions,
        units=service.units,
        handlers=handlers,
        lease=SHORT,
        poll=poll,
        slots=slots,
    )


@asynccontextmanager
async def _at_work(*workers: JobWorker) -> Any:
    running = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield
    finally:
        for worker in workers:
            await worker.stop()
        await asyncio.gather(*running)


async def _ask(service: Service, kind: str, *keys: str, delay: timedelta = timedelta(0)) -> None:
    async with service.units.begin(
        Cause("test", traceparent="00-" + "a" * 32 + "-" + "b" * 16 + "-01")
    ) as uow:
        for key in keys:
            uow.enqueue(kind, key, {"key": key}, delay)
        await uow.commit()


async def _jobs(service: Service, kind: str) -> list[Any]:
    return list(await rows(service, "SELECT * FROM jobs WHERE kind = :kind ORDER BY id", kind=kind))


async def _finished(service: Service, kind: str) -> None:
    async def all_are() -> bool:
        return all(job.finished_at for job in await _jobs(service, kind))

    await eventually(all_are)


async def test_asking_again_with_the_same_kind_and_key_is_nothing(service: Service) -> None:
    await _ask(service, "twice", "a", "a", "b")
    await _ask(service, "twice", "a")

    assert [job.key for job in await _jobs(service, "twice")] == ["a", "b"]


async def test_several_workers_share_the_jobs_and_each_is_done_once(service: Service) -> None:
    done: list[str] = []

    async def work(job: Job) -> None:
        done.append(job.key)
        async with job.begin() as uow:
            await uow.session()
            await uow.commit()

    keys = [str(number) for number in range(60)]
    await _ask(service, "shared", *keys)
    async with _at_work(*(_worker(service, {"shared": work}) for _ in range(4))):
        await _finished(service, "shared")

    assert Counter(done) == Counter(keys)


async def test_a_job_knows_what_asked_for_it(service: Service) -> None:
    causes: list[Cause] = []

    async def work(_: Job) -> None:
        causes.append(current_cause.get())

    await _ask(service, "traced", "a")
    async with _at_work(_worker(service, {"traced": work})):
        await _finished(service, "traced")

    assert (causes[0].traceparent or "").split("-")[1] == "a" * 32


async def test_a_job_that_fails_is_tried_again_later_with_its_error_noted(service: Service) -> None:
    noted: list[Any] = []

    async def work(job: Job) -> None:
        if job.attempts == 1:
            raise ValueError("not yet")
        noted.extend(await _jobs(service, "retried"))

    await _ask(service, "retried", "a")
    async with _at_work(_worker(service, {"retried": work})):
        await _finished(service, "retried")

    (before,), (after,) = noted, await _jobs(service, "retried")
    assert before.last_error == "ValueError: not yet"
    assert before.run_at - before.created_at >= timedelta(seconds=2), "backed off"
    assert (after.attempts, after.last_error) == (2, None)


async def test_a_job_whose_lease_is_lost_at_its_end_is_left_to_who_has_it(service: Service) -> None:
    async def work(job: Job) -> None:
        if job.attempts == 1:
            await run(service, "UPDATE jobs SET lease_epoch = lease_epoch + 1 WHERE id = :id", id=job.id)

    lost = metrics.JOBS.labels("overtaken", "lost")._value
    finished = metrics.JOBS.labels("overtaken", "finished")._value
    await _ask(service, "overtaken", "a")
    async with _at_work(_worker(service, {"overtaken": work})):
        await _finished(service, "overtaken")

    assert (lost.get(), finished.get()) == (1, 1)


async def test_extending_a_job_that_another_has_fails(service: Service) -> None:
    extended: list[str] = []

    async def work(job: Job) -> None:
        await job.extend()
        if job.attempts == 1:
            await run(service, "UPDATE jobs SET lease_epoch = lease_epoch + 1 WHERE id = :id", id=job.id)
            with pytest.raises(LeaseLostError):
                await job.extend()
            extended.append("lost")

    await _ask(service, "extended", "a")
    async with _at_work(_worker(service, {"extended": work})):
        await _finished(service, "extended")

    assert extended == ["lost"]


async def test_a_delayed_job_waits_for_its_time(service: Service) -> None:
    begun: list[Any] = []

    async def work(_: Job) -> None:
        begun.extend(await rows(service, "SELECT clock_timestamp() AS now"))

    await _ask(service, "delayed", "a", delay=timedelta(seconds=1))
    async with _at_work(_worker(service, {"delayed": work})):
        await _finished(service, "delayed")

    (job,) = await _jobs(service, "delayed")
    assert begun[0].now >= job.run_at >= job.created_at + timedelta(seconds=1)


async def test_a_job_in_hand_is_given_back_when_its_worker_stops(service: Service) -> None:
    begun = asyncio.Event()

    async def hang(_: Job) -> None:
        begun.set()
        await asyncio.Event().wait()

    await _ask(service, "given back", "a")
    async with _at_work(_worker(service, {"given back": hang})):
        await begun.wait()

    (job,) = await _jobs(service, "given back")
    assert (job.leased_until, job.attempts, job.finished_at) == (None, 0, None)


async def test_a_late_worker_writes_nothing_after_another_took_over(service: Service) -> None:
    go_on, epochs, late = asyncio.Event(), [], []

    async def slow_at_first(job: Job) -> None:
        epochs.append(job.epoch)
        if job.epoch == 1:
            await go_on.wait()
        try:
            async with job.begin() as uow:
                await uow.execute(_tally(job.epoch))
                await uow.commit()
        except LeaseLostError:
            late.append(job.epoch)
            raise

    await _ask(service, "fenced", "a")
    first, second = (_worker(service, {"fenced": slow_at_first}) for _ in range(2))
    async with _at_work(first):
        await eventually(lambda: _value(epochs))
        async with _at_work(second):
            await _finished(service, "fenced")
            go_on.set()
            await eventually(lambda: _value(late))

    assert (epochs, late) == ([1, 2], [1])
    found = await rows(service, "SELECT title FROM tallies WHERE title LIKE 'epoch %'")
    assert [row.title for row in found] == ["epoch 2"]
    (job,) = await _jobs(service, "fenced")
    assert (job.lease_epoch, job.last_error) == (2, None)


async def test_work_within_the_lease_keeps_it(service: Service) -> None:
    epochs: list[int] = []

    async def work(job: Job) -> None:
        epochs.append(job.epoch)
        for _ in range(4):
            async with job.begin() as uow:
                await uow.execute(text("SELECT pg_sleep(0.2)"))
                await uow.commit()

    await _ask(service, "kept", "a")
    async with _at_work(*(_worker(service, {"kept": work}) for _ in range(2))):
        await _finished(service, "kept")

    assert epochs == [1]


async def test_a_worker_runs_as_many_jobs_at_once_as_it_has_slots(service: Service) -> None:
    running, most = 0, 0
    together = asyncio.Event()

    async def work(job: Job) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if running == 3:
            together.set()
        await together.wait()
        await job.extend()
        running -= 1

    await _ask(service, "slots", *map(str, range(9)))
    async with _at_work(_worker(service, {"slots": work}, slots=3)):
        await _finished(service, "slots")

    assert most == 3


async def test_a_long_job_holds_up_none_beside_it(service: Service) -> None:
    end = asyncio.Event()

    async def work(job: Job) -> None:
        if job.key == "long":
            while not end.is_set():
                await job.extend()
                await asyncio.sleep(0.05)

    await _ask(service, "beside", "long", *map(str, range(5)))
    async with _at_work(_worker(service, {"beside": work}, slots=2)):

        async def others() -> bool:
            return all(job.finished_at for job in (await _jobs(service, "beside"))[1:])

        await eventually(others)
        (long, *_) = await _jobs(service, "beside")
        assert (long.finished_at, long.lease_epoch) == (None, 1)
        end.set()
        await _finished(service, "beside")


async def test_all_jobs_in_hand_are_given_back_when_their_worker_stops(service: Service) -> None:
    begun: list[str] = []

    async def hang(job: Job) -> None:
        begun.append(job.key)
        await asyncio.Event().wait()

    async def all_begun() -> bool:
        return len(begun) == 4

    await _ask(service, "all given back", *map(str, range(6)))
    async with _at_work(_worker(service, {"all given back": hang}, slots=4)):
        await eventually(all_begun)

    jobs = await _jobs(service, "all given back")
    assert {(job.leased_until, job.attempts, job.finished_at) for job in jobs} == {(None, 0, None)}
    assert len(begun) == 4, "none is begun while the worker stops"


async def test_a_job_that_is_to_run_again_does_without_counting_an_attempt(service: Service) -> None:
    runs: list[Any] = []

    async def work(job: Job) -> None:
        runs.append((job.attempts, (await _jobs(service, "again"))[0].last_error))
        if len(runs) < 3:
            raise RunAgain(timedelta(seconds=0.2), error="the backend is busy")

    await _ask(service, "again", "a")
    # polling so seldom, the worker must know by itself when the job is due
    async with _at_work(_worker(service, {"again": work}, poll=60)):
        await _finished(service, "again")

    assert runs == [(1, None), (1, "the backend is busy"), (1, "the backend is busy")]
    (job,) = await _jobs(service, "again")
    assert (job.lease_epoch, job.attempts, job.last_error) == (3, 1, None)


async def test_a_job_that_lost_its_lease_cant_put_itself_off(service: Service) -> None:
    async def work(job: Job) -> None:
        if job.epoch == 1:
            await run(service, "UPDATE jobs SET lease_epoch = lease_epoch + 1 WHERE id = :id", id=job.id)
            raise RunAgain(timedelta(hours=1))

    await _ask(service, "late again", "a")
    async with _at_work(_worker(service, {"late again": work})):
        await _finished(service, "late again")

    (job,) = await _jobs(service, "late again")
    assert job.lease_epoch == 3


async def test_the_job_of_a_worker_killed_before_its_commit_is_done_by_another(
    make_newsroom: Any, make_process: Any
) -> None:
    room: Newsroom = await make_newsroom()
    service = await room.reader()
    id_ = "018f0000-0000-7000-8000-000000000001"
    await run(service, "INSERT INTO subscriptions VALUES (:id, :id, :id)", id=id_)
    await _ask(service, "confirm-subscription", id_)
    lease = {"JOB_LEASE": "PT2S"}
    # the first commit of a process asks for its replicas' filling, the second is the job's
    doomed = make_process("reader", room.environment(ATELIER_CRASH_AT="before_commit:2", **lease))
    doomed.serve()
    assert await doomed.ended() == -9, doomed.lines
    assert (await rows(service, "SELECT confirmed_at FROM subscriptions"))[0].confirmed_at is None

    heir = make_process("reader", room.environment(**lease))
    heir.serve()
    await _finished(service, "confirm-subscription")

    (job,) = await _jobs(service, "confirm-subscription")
    assert (job.attempts, job.lease_epoch) == (2, 2)
    assert (await rows(service, "SELECT confirmed_at FROM subscriptions"))[0].confirmed_at is not None


def _tally(epoch: int) -> Any:
    return text(f"INSERT INTO tallies VALUES ('epoch {epoch}', 1, 1)")


async def _value(found: object) -> object:
    return found
