"""The computed statuses of looks and shootings, kept with every change under the shooting's lock.

A change costs what it touches: the shots of one look, and one step in an index of the shooting's
looks. They are no part of any state: no version, event, `updated_at` or ETag tells of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from atelier.contracts.enums import ShootingStatus
from atelier.production.looks.models import Look
from atelier.production.progress import least, look_progress, progress_of, status_at
from atelier.production.shootings.models import Shooting
from atelier.production.shots.models import Shot
from atelier.runtime.unit_of_work import UnitOfWork


async def recount(uow: UnitOfWork, shooting: Shooting, look: Look) -> None:
    """After shots of a locked look were added, went or made a step: its progress and its shooting's."""
    await uow.flush()
    statuses = await uow.all(select(Shot.status).where(Shot.look_id == look.id).distinct())
    before = (look.progress, look.shot_progress)
    look.shot_progress = least(map(progress_of, statuses))
    look.progress = look_progress(look.status, look.shot_progress)
    if (look.progress, look.shot_progress) != before:
        await recount_shooting(uow, shooting)


async def recount_shooting(uow: UnitOfWork, shooting: Shooting) -> None:
    """After looks of a locked shooting changed or went."""
    await uow.flush()
    furthest_back = select(func.min(Look.progress), func.min(Look.shot_progress))
    row = (await uow.execute(furthest_back.where(Look.shooting_id == shooting.id))).one()
    _show(shooting, row[0], row[1])


def count_in(shooting: Shooting, looks: Sequence[Look]) -> None:
    """Looks are new in a locked shooting: they can only lead its statuses back."""
    status = None if shooting.status == ShootingStatus.WITHOUT_STATUS else progress_of(shooting.status)
    shot_status = None if shooting.shot_status is None else progress_of(shooting.shot_status)
    _show(
        shooting,
        least([status, *(look.progress for look in looks)]),
        least([shot_status, *(look.shot_progress for look in looks)]),
    )


def _show(shooting: Shooting, progress: int | None, shot_progress: int | None) -> None:
    shooting.status = ShootingStatus.WITHOUT_STATUS.value if progress is None else status_at(progress)
    shooting.shot_status = None if shot_progress is None else status_at(shot_progress)
