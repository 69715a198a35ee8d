"""A task's steps: one table, one end."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from atelier.contracts.enums import TaskStatus
from atelier.export.tasks.models import STEPS, ExportTask
from atelier.runtime.errors import ConflictError

DRAWING = Path(__file__).parents[4] / "docs" / "exports.md"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def task(status: str, **fields: object) -> ExportTask:
    """A task in that status."""
    known = {"created_at": NOW, "updated_at": NOW, "image_format": "webp", "metadata_adapter": "default"}
    return ExportTask(
        id=uuid4(),
        owner_id=uuid4(),
        status=status,
        naming_template="{brand}",
        **(known | fields),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("before", STEPS)
@pytest.mark.parametrize("after", STEPS)
def test_steps_outside_of_the_table_are_refused(before: TaskStatus, after: TaskStatus) -> None:
    moving = task(before.value)
    if after in STEPS[before]:
        moving.step(after)
        assert moving.status == after
    else:
        with pytest.raises(ConflictError, match=before.value):
            moving.step(after)
        assert moving.status == before


def test_the_drawing_is_the_table() -> None:
    drawn = re.findall(r"^    ([A-Z]+) --> ([A-Z]+)", DRAWING.read_text(), re.MULTILINE)
    assert set(drawn) == {(before.value, after.value) for before, steps in STEPS.items() for after in steps}


def test_what_has_ended_stays_ended() -> None:
    ends = {status for status in STEPS if task(status.value).ended}
    assert ends == {TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED}


@pytest.mark.parametrize(
    ("status", "processed", "total", "expected"),
    [("PENDING", 0, 0, 0), ("PROCESSING", 45, 100, 45), ("PROCESSING", 3, 3, 99), ("COMPLETED", 3, 3, 100)],
)
def test_progress_is_whole_only_with_the_archive(
    status: str, processed: int, total: int, expected: int
) -> None:
    assert task(status, processed_items=processed, total_items=total).progress == expected
