"""What identity does by itself: a new signing key when it is time, and rows whose time is over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import structlog

from atelier.identity.attempts import use_cases as attempts
from atelier.identity.invitations import use_cases as invitations
from atelier.identity.sessions import use_cases as sessions
from atelier.identity.settings import Settings
from atelier.identity.signing_keys import use_cases as signing_keys
from atelier.runtime.jobs import Job, JobHandler, RunAgain
from atelier.runtime.request_context import Cause
from atelier.runtime.unit_of_work import UnitOfWork, UnitsOfWork

ROTATE, SWEEP = "rotate-signing-keys", "sweep-identity"
ROTATE_EVERY, SWEEP_EVERY = timedelta(minutes=10), timedelta(hours=1)
"""How often it is looked."""
BATCH = 1000

log = structlog.get_logger(__name__)


async def schedule(units: UnitsOfWork) -> None:
    """Have both run from now on; once for all processes."""
    async with units.begin(Cause(correlation_id=SWEEP)) as uow:
        for kind in (ROTATE, SWEEP):
            uow.enqueue(kind, kind, {})
        await uow.commit()


def jobs(settings: Settings) -> Mapping[str, JobHandler]:
    """The jobs that never end."""

    async def rotate(job: Job) -> None:
        await rotate_keys(job, settings)
        raise RunAgain(ROTATE_EVERY)

    async def sweep(job: Job) -> None:
        await remove_what_is_over(job, settings)
        raise RunAgain(SWEEP_EVERY)

    return {ROTATE: rotate, SWEEP: sweep}


async def rotate_keys(job: Job, settings: Settings) -> None:
    """A new key where the newest is old enough; those that verify nothing any more go."""
    async with job.begin() as uow:
        if settings.signing_key_rotation:
            new = await signing_keys.rotate_if_due(
                uow, settings.access_token_lifetime, settings.signing_key_lead, settings.signing_key_rotation
            )
            if new is not None:
                log.info("signing key rotated", kid=str(new), signs_after=str(settings.signing_key_lead))
        await signing_keys.remove_over(uow)
        await uow.commit()


async def remove_what_is_over(job: Job, settings: Settings) -> None:
    """Sessions stay as long as an access token of theirs could be good: an unknown one is a revoked one."""

    async def over(uow: UnitOfWork, limit: int) -> int:
        return await sessions.remove_over(uow, uow.now - settings.access_token_lifetime, limit)

    for remove in (over, invitations.remove_expired, attempts.remove_forgiven):
        await _until_none_is_left(job, remove)


async def _until_none_is_left(job: Job, remove: Callable[[UnitOfWork, int], Awaitable[int]]) -> None:
    removed = BATCH
    while removed == BATCH:
        async with job.begin() as uow:
            removed = await remove(uow, BATCH)
            await uow.commit()
