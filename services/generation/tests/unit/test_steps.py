"""Which steps a prediction can make, what they make of its generation, and when it is tried again."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from uuid import uuid4

import pytest

from atelier.contracts.enums import ErrorCategory, GenerationStatus, PredictionStatus
from atelier.generation.generations.models import STEPS, Prediction, status_of
from atelier.generation.predictions.retries import LONGEST, RETRIES, may_retry, wait

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DOCS = Path(__file__).parents[4] / "docs/generations.md"


def prediction(status: PredictionStatus) -> Prediction:
    """One in that status."""
    return Prediction(
        id=uuid4(), generation_id=uuid4(), number=0, created_at=NOW, updated_at=NOW, seed=1, status=status
    )


@pytest.mark.parametrize(("before", "after"), list(product(PredictionStatus, PredictionStatus)))
def test_only_the_tables_steps_are_made(before: PredictionStatus, after: PredictionStatus) -> None:
    one = prediction(before)
    if after in STEPS[before]:
        one.step(after, NOW)
        assert one.status == after
    else:
        with pytest.raises(AssertionError):
            one.step(after, NOW)
        assert one.status == before


def test_the_table_knows_every_status() -> None:
    assert set(STEPS) == set(PredictionStatus)
    assert {status for status in STEPS if prediction(PredictionStatus(status)).has_ended} == {
        "completed",
        "failed",
        "cancelled",
    }


@pytest.mark.parametrize(
    ("predictions", "expected"),
    [
        ("pending", GenerationStatus.PENDING),
        ("pending pending", GenerationStatus.PENDING),
        ("pending processing", GenerationStatus.PROCESSING),
        ("completed pending", GenerationStatus.PROCESSING),
        ("failed processing", GenerationStatus.PROCESSING),
        ("completed completed", GenerationStatus.COMPLETED),
        ("completed failed", GenerationStatus.COMPLETED),
        ("failed failed", GenerationStatus.FAILED),
        ("cancelled cancelled", GenerationStatus.CANCELLED),
        ("cancelled completed", GenerationStatus.CANCELLED),
        ("cancelled failed", GenerationStatus.CANCELLED),
    ],
)
def test_a_generations_status_is_read_off_its_predictions(
    predictions: str, expected: GenerationStatus
) -> None:
    assert status_of(predictions.split()) is expected


def test_what_would_fail_again_isnt_tried_again() -> None:
    assert not may_retry(ErrorCategory.CONTENT_REFUSED, 1)
    assert not may_retry(ErrorCategory.INVALID_INPUT, 1)
    for category, tries in RETRIES.items():
        assert may_retry(ErrorCategory(category), tries)
        assert not may_retry(ErrorCategory(category), tries + 1)


def test_waits_grow_to_a_bound_and_heed_what_the_backend_said() -> None:
    waits = [wait(failures, SECOND, None) for failures in range(1, 6)]
    assert waits == [SECOND * n for n in (1, 2, 4, 8, 16)]
    assert wait(60, SECOND, None) == LONGEST
    assert wait(1, SECOND, 30 * SECOND) == 30 * SECOND
    assert wait(6, SECOND, SECOND) == 32 * SECOND
    assert wait(1, SECOND, timedelta(days=1)) == LONGEST


def test_the_drawing_in_the_docs_is_the_table() -> None:
    drawn = re.findall(r"^    (\w+) --> (\w+)$", DOCS.read_text(), re.MULTILINE)
    assert sorted(drawn) == sorted((before, after) for before, steps in STEPS.items() for after in steps)
