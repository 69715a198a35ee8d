import io
import os
import signal
import subprocess
import sys
import threading

import psutil
import pytest

from atelier.stack import logs
from atelier.stack.leash import leashed
from atelier.stack.logs import Console, Log

PARENT = """
import subprocess, sys, time
from atelier.stack.leash import leashed
child = subprocess.Popen(leashed(("sleep", "600"), 9), start_new_session=True)
print(child.pid, flush=True)
time.sleep(600)
"""


def test_a_leashed_process_ends_with_its_parent_even_by_kill_9():
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        assert child.is_running()
        parent.kill()
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running()


def test_a_process_whose_parent_is_gone_already_is_never_started():
    command = leashed((sys.executable, "-c", "print('started')"), signal.SIGKILL)
    command[command.index(str(os.getpid()))] = "1"
    assert subprocess.run(command, capture_output=True, check=False).stdout == b""


def test_a_command_that_is_missing_is_named():
    done = subprocess.run(leashed(("/no/such/program",), 9), capture_output=True, text=True, check=False)
    assert "/no/such/program can't be run: No such file" in done.stderr


class Blocked(io.StringIO):
    """A terminal that takes nothing until it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Event()

    def write(self, text: str) -> int:
        self.let.wait()
        return super().write(text)


class Gone(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_a_terminal_that_takes_nothing_blocks_nobody():
    terminal = Blocked()
    console = Console(terminal)
    for number in range(5000):
        console.say("part", str(number))
    terminal.let.set()
    console.close()
    assert "part       │ 0\n" in terminal.getvalue()


def test_a_terminal_that_is_gone_harms_nobody():
    console = Console(Gone())
    console.say("part", "line")
    console.close()


def test_all_lines_are_in_the_file_and_only_loud_ones_on_the_terminal(tmp_path):
    terminal = io.StringIO()
    console = Console(terminal)
    log = Log("part", tmp_path / "part.log", console, loud="ERROR")
    log.write(b"INFO fine\n")
    log.write(b"ERROR \xff\n")
    log.close()
    console.close()
    assert terminal.getvalue() == "part       │ ERROR \ufffd\n"
    assert (tmp_path / "part.log").read_bytes() == b"INFO fine\nERROR \xff\n"
    assert log.recent == ["INFO fine", "ERROR \ufffd"]


def test_a_log_file_never_grows_beyond_its_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "MAX_FILE", 1000)
    log = Log("part", tmp_path / "part.log")
    for number in range(1000):
        log.write(b"line %d\n" % number)
    log.close()
    sizes = [file.stat().st_size for file in tmp_path.iterdir()]
    assert len(sizes) == 2
    assert sum(sizes) < 2100
    assert "line 999" in log.recent


@pytest.mark.parametrize("name", ["identity", "kafka"])
def test_a_part_keeps_its_colour(name):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    console = Console(terminal)
    console.say(name, "one")
    console.say(name, "one")
    console.close()
    first, second = terminal.getvalue().splitlines()
    assert first == second
    assert first.startswith("\x1b[")
