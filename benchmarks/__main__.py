"""`python -m benchmarks [NAME…] [--write FILE]`: run the benchmarks and print or write their table."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

import uvloop

from benchmarks.harness import Row, as_markdown

BENCHMARKS = (
    "gateway",
    "overload",
    "write",
    "relay",
    "latency",
    "replicas",
    "convert",
    "archive",
    "nested_list",
)
"""Modules beside this one, each with `async def run() -> list[Row]`, in the order of the table."""


async def measure(names: tuple[str, ...]) -> list[Row]:
    """One after another, so that none disturbs another."""
    rows: list[Row] = []
    for name in names:
        sys.stderr.write(f"measuring {name} …\n")
        rows += await import_module(f"benchmarks.{name}").run()
    return rows


def main() -> int:
    """Exit code 1 where a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--write", type=Path, help="a file for the table instead of standard output")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(BENCHMARKS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    rows = uvloop.run(measure(tuple(arguments.names) or BENCHMARKS))
    if arguments.write:
        arguments.write.write_text(as_markdown(rows))
    else:
        sys.stdout.write(as_markdown(rows))
    return 1 if any(row.verdict == "missed" for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
