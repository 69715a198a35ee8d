"""What the person sees while it goes on: a bar for each stage, and sentences between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


@dataclass(frozen=True)
class Stage:
    """One bar."""

    bars: Progress
    task: TaskID

    def advance(self, count: int = 1) -> None:
        """So many more are done."""
        self.bars.advance(self.task, count)

    def done(self, count: int) -> None:
        """So many are done in all."""
        self.bars.update(self.task, completed=count)


class Stages:
    """Bars one below the other."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars

    def begin(self, title: str, total: int) -> Stage:
        """A new bar for something that is done `total` times."""
        return Stage(self._bars, self._bars.add_task(title, total=total))

    def say(self, sentence: str) -> None:
        """Tell something above the bars."""
        self._bars.console.print(sentence, highlight=False, markup=False)


@contextmanager
def shown(console: Console) -> Iterator[Stages]:
    """Draw bars on that console until the end."""
    columns = (
        TextColumn("{task.description:<24}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bars:
        yield Stages(bars)
