"""How far something is, as a number: the computed statuses from least to most advanced."""

from __future__ import annotations

from collections.abc import Iterable

from atelier.contracts.enums import ShootingLookStatus, ShotStatus

ORDER: tuple[str, ...] = (
    ShootingLookStatus.DRAFT.value,
    ShootingLookStatus.READY.value,
    *(status.value for status in ShotStatus),
)
_PROGRESS = {status: progress for progress, status in enumerate(ORDER)}


def progress_of(status: str) -> int:
    """How far that status is; KeyError for none of the computed ones."""
    return _PROGRESS[status]


def status_at(progress: int) -> str:
    """The status that is so far."""
    return ORDER[progress]


def look_progress(status: str, shot_progress: int | None) -> int:
    """How far a look is: DRAFT while it is one, READY without shots, else as its least advanced shot."""
    if status == ShootingLookStatus.DRAFT or shot_progress is None:
        return progress_of(status)
    return shot_progress


def least(progresses: Iterable[int | None]) -> int | None:
    """The least advanced of several, None without any."""
    return min((progress for progress in progresses if progress is not None), default=None)
