"""The steps that a shot can make, as one table; `docs/shots.md` draws it."""

from __future__ import annotations

from enum import StrEnum

from atelier.contracts.enums import ShotRevisionStatus, ShotStatus
from atelier.runtime.errors import ConflictError


class Mover(StrEnum):
    """Who makes a step."""

    RESULT = "result"
    """A generation that has completed."""
    REVISION = "revision"
    """Somebody's new attempt, which says the status that it gives the shot."""
    APPROVE = "approve"
    REJECT = "reject"


_RESULT = frozenset({Mover.RESULT})
_REVISION = frozenset({Mover.REVISION})
_APPROVE = frozenset({Mover.APPROVE, Mover.REVISION})
_REJECT = frozenset({Mover.REJECT, Mover.REVISION})

STEPS: dict[ShotStatus, dict[ShotStatus, frozenset[Mover]]] = {
    ShotStatus.PENDING: {
        ShotStatus.PROPOSAL: _RESULT,
        ShotStatus.REVIEW: _REVISION,
        ShotStatus.POST_PROD: _REVISION,
    },
    ShotStatus.PROPOSAL: {
        ShotStatus.REVIEW: _REVISION,
        ShotStatus.POST_PROD: _REVISION,
        ShotStatus.REJECTED: _REJECT,
        ShotStatus.APPROVED: _APPROVE,
    },
    ShotStatus.REVIEW: {
        ShotStatus.POST_PROD: _REVISION,
        ShotStatus.REJECTED: _REJECT,
        ShotStatus.APPROVED: _APPROVE,
    },
    ShotStatus.POST_PROD: {
        ShotStatus.POST_PROD_REJECTED: _REJECT,
        ShotStatus.REVIEW: _REVISION,
        ShotStatus.APPROVED: _APPROVE,
    },
    ShotStatus.POST_PROD_REJECTED: {
        ShotStatus.POST_PROD: _REVISION,
        ShotStatus.REVIEW: _REVISION,
    },
    ShotStatus.REJECTED: {
        ShotStatus.PROPOSAL: _RESULT,
        ShotStatus.REVIEW: _REVISION,
        ShotStatus.POST_PROD: _REVISION,
    },
    ShotStatus.APPROVED: {
        ShotStatus.REVIEW: _REVISION,
    },
}

VERDICTS = {
    ShotStatus.APPROVED: ShotRevisionStatus.APPROVED,
    ShotStatus.REJECTED: ShotRevisionStatus.REJECTED,
    ShotStatus.POST_PROD_REJECTED: ShotRevisionStatus.REJECTED,
}
"""What a status says of the revision that gave it to the shot; anything else says nothing yet."""


def may_step(status: str, to: ShotStatus, mover: Mover) -> bool:
    """Whether the table lets this mover make that step."""
    return mover in STEPS[ShotStatus(status)].get(to, ())


def require_step(status: str, to: ShotStatus, mover: Mover) -> None:
    """Raise `ConflictError`, which says the steps that are allowed, where this one isn't."""
    if may_step(status, to, mover):
        return
    raise ConflictError(f"A shot at {status} can't go to {to} by {mover}: {_allowed(ShotStatus(status))}.")


def rejected(status: str) -> ShotStatus:
    """Where a rejection leads: post-production has one of its own."""
    return ShotStatus.POST_PROD_REJECTED if status == ShotStatus.POST_PROD else ShotStatus.REJECTED


def _allowed(status: ShotStatus) -> str:
    steps = (f"{to} (by {' or '.join(sorted(movers))})" for to, movers in STEPS[status].items())
    return "from there it can go to " + ", ".join(steps)
