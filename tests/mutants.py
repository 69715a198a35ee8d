"""Takes the safeguards out one by one and sees that a test notices each.

A copy of the tree is changed, never the tree itself. Ends with 1 where a safeguard can be taken
out unnoticed, where its test fails as it is, or where the code to be changed isn't there any more.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "node_modules")
PARTS_OF_TOOLS = (".cache",)
"""What is too large to copy and isn't changed: the broker's jars."""
TEST_WITHIN = 300
MESSAGING = "libs/runtime/src/atelier/runtime/messaging"
CONSUMING = "libs/runtime/tests/integration/consuming"
PRODUCING = "libs/runtime/tests/integration/producing"


class UnprovenError(Exception):
    """A proof that can't be had; the message says why."""


@dataclass(frozen=True)
class Mutant:
    """A safeguard, the text that takes it out, and the test that must fail without it."""

    safeguard: str
    file: str
    old: str
    new: str
    test: str


MUTANTS = (
    Mutant(
        "ack policy: what failed isn't committed",
        f"{MESSAGING}/subscriptions.py",
        "ack_policy=AckPolicy.NACK_ON_ERROR",
        "ack_policy=AckPolicy.ACK",
        f"{CONSUMING}/test_a_batch_that_fails.py::test_a_batch_that_fails_comes_again",
    ),
    Mutant(
        "header parser: any header can be read",
        f"{MESSAGING}/subscriptions.py",
        "            parser=_parse_anything,\n",
        "",
        f"{CONSUMING}/test_poison.py"
        "::test_poison_in_a_batch_is_one_dead_letter_and_harms_no_neighbour[a header that isn't UTF-8]",
    ),
    Mutant(
        "inbox key: the event's own id",
        f"{MESSAGING}/facts.py",
        "self._take_in(session, envelope.id)",
        "self._take_in(session, UUID(int=hash((record.offset, record.timestamp)) % 2**128))",
        f"{CONSUMING}/test_facts_take_effect_once.py"
        "::test_two_facts_with_the_same_offset_and_time_in_two_partitions_both_count",
    ),
    Mutant(
        "outbox scan: the smallest ids that are left",
        f"{MESSAGING}/relay.py",
        "        rows: Sequence[Any] = await leader.connection.fetch(SELECT, waiting, BATCH, BATCH_BYTES)\n",
        "        after = f'WHERE id > {getattr(self, \"_cursor\", 0)} AND'\n"
        "        rows: Sequence[Any] = await leader.connection.fetch(\n"
        "            SELECT.replace('WHERE', after, 1), waiting, BATCH, BATCH_BYTES\n"
        "        )\n"
        "        self._cursor = rows[-1]['id'] if rows else getattr(self, '_cursor', 0)\n",
        f"{PRODUCING}/test_relay_scan.py"
        "::test_a_transaction_that_takes_its_ids_early_and_commits_late_is_not_skipped",
    ),
    Mutant(
        "producer: thrown away after a failure",
        f"{MESSAGING}/relay.py",
        "        await self._while_alive(leader, self._producer.discard())\n",
        "",
        f"{PRODUCING}/test_relay_hand_over.py"
        "::test_an_event_that_the_broker_refuses_holds_back_its_own_aggregate_alone",
    ),
)


class Copy:
    """The tree in a folder where it may be changed."""

    def __init__(self, folder: Path) -> None:
        self._root = folder / "tree"
        shutil.copytree(ROOT, self._root, ignore=LEFT_OUT)
        for name in PARTS_OF_TOOLS:
            if (ROOT / name).exists():
                (self._root / name).symlink_to(ROOT / name)
        sources = (
            str(path) for path in sorted(self._root.glob("*/src")) + sorted(self._root.glob("*/*/src"))
        )
        self._environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sources)}
        self._must_be_what_is_imported()

    @contextmanager
    def without(self, mutant: Mutant) -> Iterator[None]:
        """The safeguard is out; `UnprovenError` unless its text is there exactly once."""
        file = self._root / mutant.file
        text = file.read_text()
        if text.count(mutant.old) != 1:
            raise UnprovenError(f"{mutant.file} has {text.count(mutant.old)} times: {mutant.old.strip()}")
        file.write_text(text.replace(mutant.old, mutant.new))
        try:
            yield
        finally:
            file.write_text(text)

    def failures(self, tests: Sequence[str]) -> int:
        """How many of these tests fail; `UnprovenError` with pytest's output where they can't be run."""
        report = self._root / "report.xml"
        report.unlink(missing_ok=True)
        command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}")
        done = self._run((*command, *tests), TEST_WITHIN)
        counts = ElementTree.parse(report).getroot().find("testsuite") if report.exists() else None
        if counts is None or int(counts.get("tests", 0)) < len(tests) or done.returncode > 1:
            raise UnprovenError(f"the tests can't be run:\n{done.stdout[-4000:]}{done.stderr[-2000:]}")
        failures, errors = int(counts.get("failures", 0)), int(counts.get("errors", 0))
        if errors and not failures:
            raise UnprovenError(f"the tests have errors rather than failures:\n{done.stdout[-4000:]}")
        return failures

    def _must_be_what_is_imported(self) -> None:
        found = self._run(
            (sys.executable, "-c", "import atelier.runtime; print(atelier.runtime.__file__)"), 60
        )
        if not found.stdout.startswith(str(self._root)):
            raise UnprovenError(f"the tests would import another tree: {found.stdout}{found.stderr}")

    def _run(self, command: Sequence[str], within: float) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                command, cwd=self._root, env=self._environment, capture_output=True, text=True,
                timeout=within, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as late:
            raise UnprovenError(f"not done within {within:.0f} s: {' '.join(command)}") from late


def prove(copy: Copy, mutants: Sequence[Mutant]) -> bool:
    """Print one line for each safeguard; True where the tests notice that each is out."""
    print("With every safeguard in place …", flush=True)
    if copy.failures([mutant.test for mutant in mutants]):
        raise UnprovenError("the tests fail as it is")
    width = max(len(mutant.safeguard) for mutant in mutants)
    proven = True
    for mutant in mutants:
        began = time.monotonic()
        with copy.without(mutant):
            noticed = copy.failures([mutant.test]) > 0
        proven &= noticed
        said = "noticed" if noticed else "NOT NOTICED"
        test = mutant.test.rpartition("::")[2]
        print(f"{mutant.safeguard:{width}}  {said:11}  {time.monotonic() - began:3.0f} s  {test}", flush=True)
    return proven


def main(words: Sequence[str]) -> int:
    """All mutants, or those whose safeguard has one of the words."""
    mutants = [one for one in MUTANTS if not words or any(word in one.safeguard for word in words)]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        try:
            copy = Copy(Path(folder))
            for mutant in mutants:
                with copy.without(mutant):
                    pass  # so that a change of the code shows before minutes are spent
            return 0 if mutants and prove(copy, mutants) else 1
        except UnprovenError as unproven:
            print(unproven, file=sys.stderr)
            return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
