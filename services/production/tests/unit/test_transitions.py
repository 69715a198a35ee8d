"""The one table of a shot's steps: what it says, and that the drawing says the same."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest

from atelier.contracts.enums import ShotStatus
from atelier.production.shots.transitions import STEPS, Mover, may_step, rejected, require_step
from atelier.runtime.errors import ConflictError

DRAWING = Path(__file__).parents[4] / "docs" / "shots.md"
ARROW = re.compile(r"^ +(\w+) --> (\w+): ([\w, ]+)$", re.MULTILINE)
WRITTEN = {
    "PENDING": {"PROPOSAL", "REVIEW", "POST_PROD"},
    "PROPOSAL": {"REVIEW", "POST_PROD", "REJECTED", "APPROVED"},
    "REVIEW": {"POST_PROD", "REJECTED", "APPROVED"},
    "POST_PROD": {"POST_PROD_REJECTED", "REVIEW", "APPROVED"},
    "POST_PROD_REJECTED": {"POST_PROD", "REVIEW"},
    "REJECTED": {"PROPOSAL", "REVIEW", "POST_PROD"},
    "APPROVED": {"REVIEW"},
}
"""The steps in the words of the specification."""


def steps() -> dict[tuple[str, str], set[str]]:
    """Who may make each step of the table."""
    return {(at, to): set(movers) for at, following in STEPS.items() for to, movers in following.items()}


def test_the_table_has_every_step_of_the_specification_and_no_other() -> None:
    assert {at: set(following) for at, following in STEPS.items()} == WRITTEN


def test_the_drawing_shows_the_table() -> None:
    drawn = {(at, to): set(movers.split(", ")) for at, to, movers in ARROW.findall(DRAWING.read_text())}
    assert drawn == steps()


def test_results_lead_to_proposals_and_to_nothing_else() -> None:
    by_result = {step for step, movers in steps().items() if Mover.RESULT in movers}
    assert by_result == {("PENDING", "PROPOSAL"), ("REJECTED", "PROPOSAL")}
    assert all(movers == {Mover.RESULT} for (_, to), movers in steps().items() if to == "PROPOSAL")


@pytest.mark.parametrize("at", ShotStatus)
def test_a_rejection_knows_where_it_leads(at: ShotStatus) -> None:
    expected = ShotStatus.POST_PROD_REJECTED if at is ShotStatus.POST_PROD else ShotStatus.REJECTED
    assert rejected(at.value) is expected


@pytest.mark.parametrize(("at", "to", "mover"), list(product(ShotStatus, ShotStatus, Mover)))
def test_a_forbidden_step_says_which_are_allowed(at: ShotStatus, to: ShotStatus, mover: Mover) -> None:
    if may_step(at.value, to, mover):
        require_step(at.value, to, mover)
        return
    with pytest.raises(ConflictError) as refused:
        require_step(at.value, to, mover)
    assert all(allowed in refused.value.detail for allowed in WRITTEN[at])
