"""Halve the time in which Kafka starts: Java keeps its classes loaded and linked in a file (an AOT cache).

The file is made once, at installation, by a broker that starts and stops. It is of use only with
the very same Java and jars; Java itself notices otherwise, says so in the log and goes without.
"""

from __future__ import annotations

import signal
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from atelier.stack import ports
from atelier.stack.logs import Log
from atelier.stack.parts import kafka
from atelier.stack.process import Process
from atelier.stack.program import Program
from atelier.stack.state import cluster_id

STOPPED_WITHIN = 60.0
"""Seconds for the broker to stop and to write the file."""


def make(jars: Path) -> bool:
    """Make the file where it is missing; False where that doesn't work, which only costs time later."""
    cache = kafka.start_cache(jars)
    if cache.exists():
        return True
    for other in jars.glob("start-*.aot*"):
        other.unlink()
    new = cache.with_suffix(".new")
    with tempfile.TemporaryDirectory(prefix="atelier-") as folder:
        _start_and_stop(_recording(Path(folder), jars, new))
    if new.exists():
        new.replace(cache)
    return cache.exists()


def _recording(folder: Path, jars: Path, cache: Path) -> Program:
    port, controller_port = ports.choose(()), ports.choose(())
    program = kafka.program(folder, jars, port, controller_port, cluster_id())
    java, *arguments = program.command
    return replace(program, command=(java, f"-XX:AOTCacheOutput={cache}", *arguments))


def _start_and_stop(program: Program) -> None:
    program.prepare()
    log = Log(program.name, program.folder / "log")
    process = Process(program, log)
    try:
        deadline = time.monotonic() + program.ready_within
        while process.returncode is None and not program.is_ready() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send(signal.SIGTERM)
        process.wait(STOPPED_WITHIN)
    finally:
        process.kill()
        log.close()
