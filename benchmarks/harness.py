"""What every benchmark shares: fair rounds, ratios of pairs, CPU per operation, one table.

Machines are noisy, so nothing is measured alone. A benchmark is a module with

    async def run() -> list[Row]

listed in `benchmarks/__main__.py`. It starts what it needs, checks first that all contenders
do the same work (`assert`), and then calls

    rows = await compare("relay", baseline, [contender, …], rounds=5)

A contender is a name and an async function that does the work once for about a second and
answers a `Sample`: its value (operations per second, or milliseconds: `unit` says which) and the
CPU seconds that the processes under test used for how many operations (see `cpu_seconds`).

Each round runs the baseline, every contender and the baseline again, in an order that turns
from round to round. The ratio of a contender is the median of its ratios to the baseline of the
same round; the baseline's second run gives the A/A row: a difference inside its band says nothing.
`Contender.bar` is the ratio to reach, `at_most=True` where less is better (latencies).
"""

from __future__ import annotations

import statistics
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

import psutil

CONTROL = "A/A control"


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement. `cpu_seconds` over `operations` gives the CPU per operation."""

    value: float
    operations: int = 0
    cpu_seconds: float = 0.0

    @property
    def cpu_micros(self) -> float | None:
        """CPU microseconds per operation; None where that wasn't measured."""
        return self.cpu_seconds / self.operations * 1e6 if self.operations and self.cpu_seconds else None


Measure = Callable[[], Awaitable[Sample]]


@dataclass(frozen=True, slots=True)
class Contender:
    """What is measured, and the ratio to its baseline that it has to reach."""

    name: str
    measure: Measure
    bar: float | None = None
    at_most: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `low` and `high` are the smallest and largest ratio of a round."""

    benchmark: str
    name: str
    value: float
    unit: str
    ratio: float = 1.0
    low: float = 1.0
    high: float = 1.0
    cpu_micros: float | None = None
    bar: float | None = None
    at_most: bool = False

    @property
    def verdict(self) -> str:
        """Whether the bar is met, empty without one."""
        if self.bar is None:
            return ""
        met = self.ratio <= self.bar if self.at_most else self.ratio >= self.bar
        return "met" if met else "missed"


async def compare(
    benchmark: str,
    baseline: Contender,
    contenders: Sequence[Contender],
    *,
    rounds: int = 5,
    unit: str = "/s",
) -> list[Row]:
    """Rows for the baseline, its A/A control and each contender, after one unmeasured round."""
    field = [baseline, *contenders, Contender(CONTROL, baseline.measure)]
    for each in field[:-1]:
        await each.measure()
    taken: dict[str, list[Sample]] = {each.name: [] for each in field}
    for number in range(rounds):
        for each in _turned(field, number):
            taken[each.name].append(await each.measure())
    return [_row(benchmark, each, taken[each.name], taken[baseline.name], unit) for each in field]


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time so far of processes and their children."""
    total = 0.0
    for pid in pids:
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            times = one.cpu_times()
            total += times.user + times.system
    return total


def as_markdown(rows: Sequence[Row]) -> str:
    """The table of all benchmarks."""
    names = ["benchmark", "what", "value", "ratio (min to max)", "CPU µs/op", "bar", ""]
    head = f"| {' | '.join(names)} |\n{'|---' * len(names)}|\n"
    return head + "".join(f"| {' | '.join(_cells(row))} |\n" for row in rows)


def _cells(row: Row) -> list[str]:
    sign = "≤" if row.at_most else "≥"
    return [
        row.benchmark,
        row.name,
        f"{row.value:,.4g} {row.unit}" if row.value < 100 else f"{row.value:,.0f} {row.unit}",
        f"{row.ratio:.3g} ({row.low:.3g} to {row.high:.3g})",
        "" if row.cpu_micros is None else f"{row.cpu_micros:,.0f}",
        "" if row.bar is None else f"{sign} {row.bar:g}",
        row.verdict,
    ]


def _turned(field: Sequence[Contender], number: int) -> list[Contender]:
    """Another one first in each round, and every second round backwards: no order is favoured."""
    at = number % len(field)
    turned = [*field[at:], *field[:at]]
    return turned if number % 2 == 0 else turned[::-1]


def _row(benchmark: str, each: Contender, mine: list[Sample], base: list[Sample], unit: str) -> Row:
    ratios = [sample.value / other.value for sample, other in zip(mine, base, strict=True)]
    micros = [sample.cpu_micros for sample in mine if sample.cpu_micros is not None]
    return Row(
        benchmark=benchmark,
        name=each.name,
        value=statistics.median(sample.value for sample in mine),
        unit=unit,
        ratio=statistics.median(ratios),
        low=min(ratios),
        high=max(ratios),
        cpu_micros=statistics.median(micros) if micros else None,
        bar=each.bar,
        at_most=each.at_most,
    )
