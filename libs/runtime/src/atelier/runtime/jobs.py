"""Work that outlives a request or a record: rows that one worker at a time leases."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import text

from atelier.runtime import metrics, telemetry
from atelier.runtime.away import is_away
from atelier.runtime.database import Sessions
from atelier.runtime.errors import UnavailableError
from atelier.runtime.request_context import Cause, because_of
from atelier.runtime.unit_of_work import UnitOfWork, UnitsOfWork

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
"""How long a worker may be silent before its job goes to another."""
POLL = 5.0
"""Seconds between looks for jobs about which nobody said anything: delayed ones and lost leases."""
MAX_BACKOFF = timedelta(minutes=5)

CLAIM = text(
    "UPDATE jobs SET leased_until = now() + :lease, lease_epoch = lease_epoch + 1, attempts = attempts + 1 "
    "WHERE id = (SELECT id FROM jobs WHERE finished_at IS NULL AND run_at <= now() AND kind = ANY(:kinds) "
    "AND (leased_until IS NULL OR leased_until < now()) ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED) "
    "RETURNING id, kind, key, payload, lease_epoch, attempts, traceparent"
)
EXTEND = text(
    "UPDATE jobs SET leased_until = now() + :lease "
    "WHERE id = :id AND lease_epoch = :epoch AND finished_at IS NULL RETURNING 1"
)
FINISH = text(
    "UPDATE jobs SET finished_at = now(), leased_until = NULL, last_error = NULL "
    "WHERE id = :id AND lease_epoch = :epoch RETURNING 1"
)
PUT_OFF = text(
    "UPDATE jobs SET run_at = now() + :wait, leased_until = NULL, last_error = :error "
    "WHERE id = :id AND lease_epoch = :epoch RETURNING 1"
)
GIVE_BACK = text(
    "UPDATE jobs SET leased_until = NULL, attempts = attempts - 1 "
    "WHERE id = :id AND lease_epoch = :epoch RETURNING 1"
)


RUN_AGAIN = text(
    "UPDATE jobs SET run_at = now() + :wait, leased_until = NULL, attempts = attempts - 1, "
    "last_error = :error WHERE id = :id AND lease_epoch = :epoch RETURNING 1"
)


class LeaseLostError(Exception):
    """Another worker has this job now; whoever gets this stops, without a trace."""


class RunAgain(Exception):  # noqa: N818 - no error: the job has nothing (more) to do for now
    """Raised by a handler whose job is to run once more, `after` that time, without a counted attempt.

    `error` is why, where something stands in the way for now.
    """

    def __init__(self, after: timedelta, error: str | None = None) -> None:
        super().__init__(error or f"again after {after}")
        self.after = after
        self.error = error


@dataclass(frozen=True)
class Job:
    """A leased job. What it writes it writes in `begin`, or it calls `extend` well within its lease."""

    id: int
    kind: str
    key: str
    payload: Mapping[str, Any]
    epoch: int
    attempts: int
    lease: timedelta
    cause: Cause
    units: UnitsOfWork

    def begin(self) -> UnitOfWork:
        """A unit of work of this job, fenced: it fails where the lease is lost."""
        uow = self.units.begin(self.cause)
        uow.guard(lambda connection: _extend(connection.execute, self))
        return uow

    async def extend(self) -> None:
        """Keep the job for another lease; raises `LeaseLostError` where another worker has it."""
        async with self.units.engine.begin() as connection:
            await _extend(connection.execute, self)


JobHandler = Callable[[Job], Awaitable[None]]


async def _extend(execute: Callable[..., Awaitable[Any]], job: Job) -> None:
    kept = await execute(EXTEND, {"lease": job.lease, "id": job.id, "epoch": job.epoch})
    if kept.first() is None:
        raise LeaseLostError(f"{job.kind} {job.key}")


class JobWorker:
    """Runs due jobs, so many at once, until `stop`; several processes share the work."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        units: UnitsOfWork,
        handlers: Mapping[str, JobHandler],
        lease: timedelta = LEASE,
        poll: float = POLL,
        slots: int = 1,
    ) -> None:
        self._sessions = sessions
        self._units = units
        self._handlers = handlers
        self._lease = lease
        self._poll = poll
        self._woken = asyncio.Event()
        self._stopping = False
        self._slots = slots
        self._running: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """A job was committed: look now."""
        self._woken.set()

    async def run(self) -> None:
        """Claim and run; waits and goes on where the database is away."""
        while not self._stopping:
            await self._free_slot()
            try:
                job = None if self._stopping else await self._claim()
            except Exception as failure:
                if not is_away(failure):
                    raise
                job = None
            if job is None:
                await self._pause()
            elif self._stopping:
                await self._write(GIVE_BACK, job)
            else:
                self._start(job)

    async def stop(self) -> None:
        """End `run`; the jobs in hand are given back."""
        self._stopping = True
        self.wake()
        running = set(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    async def _free_slot(self) -> None:
        while len(self._running) >= self._slots:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)

    def _start(self, job: Job) -> None:
        with because_of(job.cause):
            task = asyncio.create_task(self._run(job))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _claim(self) -> Job | None:
        parameters = {"lease": self._lease, "kinds": list(self._handlers)}
        async with self._sessions.begin() as session:
            row = (await session.execute(CLAIM, parameters)).first()
        if row is None:
            return None
        return Job(
            id=row.id,
            kind=row.kind,
            key=row.key,
            payload=row.payload,
            epoch=row.lease_epoch,
            attempts=row.attempts,
            lease=self._lease,
            cause=Cause(correlation_id=f"job-{row.id}", traceparent=row.traceparent),
            units=self._units,
        )

    async def _run(self, job: Job) -> None:
        outcome = "failed"
        try:
            with telemetry.consumer_span(f"job {job.kind}", job.cause.traceparent):
                await self._handlers[job.kind](job)
            outcome = "finished" if await self._write(FINISH, job) else "lost"
        except LeaseLostError:
            outcome = "lost"
        except asyncio.CancelledError:
            await self._write(GIVE_BACK, job)
            outcome = "given back"
        except RunAgain as again:
            await self._write(RUN_AGAIN, job, wait=again.after, error=again.error)
            asyncio.get_running_loop().call_later(again.after.total_seconds(), self.wake)
            outcome = "again"
        except Exception as failure:
            # what is away comes back; only what is wrong is worth a stack trace
            trace = None if isinstance(failure, UnavailableError) or is_away(failure) else failure
            log.warning("job put off", kind=job.kind, key=job.key, error=str(failure)[:300], exc_info=trace)
            wait = min(MAX_BACKOFF, timedelta(seconds=2 ** min(job.attempts, 10)))
            await self._write(PUT_OFF, job, wait=wait, error=f"{type(failure).__name__}: {failure}"[:2000])
        finally:
            metrics.JOBS.labels(job.kind, outcome).inc()

    async def _write(self, statement: Any, job: Job, **values: Any) -> bool:
        """Whether it is written: not where another worker has the job, or will have it.

        Where the database fails too, the lease runs out and somebody else takes the job.
        """
        try:
            async with self._sessions.begin() as session:
                written = await session.execute(statement, {"id": job.id, "epoch": job.epoch, **values})
                return written.first() is not None
        except Exception as failure:
            log.warning("job's state couldn't be written", kind=job.kind, key=job.key, error=str(failure))
            return False

    async def _pause(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._poll):
                await self._woken.wait()
        self._woken.clear()
