"""The folder under which a stack keeps everything, and the lock that makes it one stack's."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from atelier.stack.errors import StackError


@dataclass(frozen=True)
class DataFolder:
    """Paths under `DATA_DIR`; get one that is yours alone by `hold`."""

    path: Path

    @property
    def state_file(self) -> Path:
        """Ports and secrets, see `state.State`."""
        return self.path / "state.json"

    @property
    def status_file(self) -> Path:
        """What runs now, see `status.Status`."""
        return self.path / "status.json"

    @property
    def services_file(self) -> Path:
        """The environment of each service of the running stack, for operator commands."""
        return self.path / "services.json"

    @property
    def logs(self) -> Path:
        """One file a part."""
        return self.path / "logs"

    def temporary(self, service: str) -> Path:
        """What that service works on and forgets: its own, so that what a killed one left can go."""
        return self.path / "tmp" / service

    def clear_temporary(self, service: str) -> None:
        """Begin with an empty one; OSError where that can't be."""
        shutil.rmtree(self.temporary(service), ignore_errors=True)
        self.temporary(service).mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def _lock_file(self) -> Path:
        return self.path / "lock"

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Create the folder where it is missing and keep it for this process; StackError if that can't be."""
        with _as_sentence(self.path):
            self.path.mkdir(parents=True, exist_ok=True, mode=0o711)
            self.logs.mkdir(exist_ok=True, mode=0o700)
            lock = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            self._take(lock)
            yield
        finally:
            os.close(lock)

    def in_use(self) -> bool:
        """Whether a stack runs on this folder now."""
        try:
            lock = os.open(self._lock_file, os.O_RDWR)
        except OSError:
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(lock)
        return False

    def _take(self, lock: int) -> None:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = self._lock_file.read_text().strip() or "unknown"
            raise StackError(
                f"{self.path} is in use by a running stack (process {holder}): "
                "stop that one, or set DATA_DIR to another folder."
            ) from None
        with _as_sentence(self.path):
            os.ftruncate(lock, 0)
            os.write(lock, str(os.getpid()).encode())


@contextmanager
def _as_sentence(path: Path) -> Iterator[None]:
    """Turn what the system says about the folder into what a person can do about it."""
    advice = {
        errno.ENOSPC: "free some space, or set DATA_DIR to a folder on another disk",
        errno.ENOTDIR: "a part of the path is a file, not a folder: set DATA_DIR to a folder",
        errno.EEXIST: "a file is in its place: remove it, or set DATA_DIR to a folder",
    }
    try:
        yield
    except OSError as error:
        what = advice.get(
            error.errno or 0, "make it writable for this user, or set DATA_DIR to a folder that is"
        )
        raise StackError(f"The data folder {path} can't be used ({error.strerror}): {what}.") from None
