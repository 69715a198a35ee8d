"""Why a demo ends early: a sentence for the person, and an exit code of its own for scripts."""

from __future__ import annotations

from typing import ClassVar


class DemoError(Exception):
    """It can't go on; the text says why and what to do."""

    exit_code: ClassVar[int] = 1


class BadOptionError(DemoError):
    """What was asked for makes no sense: no such folder, no picture in it, no number."""

    exit_code = 2


class NotRunningError(DemoError):
    """Nothing answers where the gateway should be."""

    exit_code = 3


class LoginError(DemoError):
    """There is no login to use, or it is refused."""

    exit_code = 4


class RefusedError(DemoError):
    """A service refused what the demo sent; `status` is the HTTP status of its answer."""

    exit_code = 5

    def __init__(self, what: str, status: int, answer: str) -> None:
        super().__init__(f"{what} was refused with {status}: {answer[:500]}")
        self.status = status
