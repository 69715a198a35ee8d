"""Run a command that ends when the process that started it ends, even by kill -9.

Linux sends the signal that PR_SET_PDEATHSIG names when the *thread* that started a process ends,
so start commands from a thread that lives as long as its process. The setting survives exec and
`unshare --user`; a change of user clears it (`setpriv --pdeathsig` sets it again). Other systems
have nothing like it: there a killed supervisor's processes are ended by its next start.
"""

from __future__ import annotations

import os
import sys

PR_SET_PDEATHSIG = 1


def leashed(command: tuple[str, ...], signal_number: int) -> list[str]:
    """The command line that runs `command` and sends it that signal when this process ends."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), str(signal_number), *command]


def main() -> None:
    """`leash.py PARENT SIGNAL COMMAND…`: become that command, on the leash."""
    import ctypes
    import signal

    parent, signal_number, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal_number))
    if os.getppid() != int(parent):  # it ended before it could be watched
        sys.exit(1)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and exec would pass that on
    try:
        os.execvp(command[0], command)  # noqa: S606
    except OSError as error:
        sys.exit(f"{command[0]} can't be run: {error.strerror}")


if __name__ == "__main__":
    main()
