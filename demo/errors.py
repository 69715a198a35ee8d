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
    """A service refused what the demo sent."""

    exit_code = 5
