"""What the supervisor says of programs that don't get ready."""

import asyncio
import io

import pytest

from atelier.stack.errors import StackError
from atelier.stack.logs import Console
from atelier.stack.program import Program
from atelier.stack.status import Status
from atelier.stack.supervisor import Supervisor


@pytest.fixture
def keep(tmp_path):
    """Keeps a program that is never ready, and returns the error."""

    async def kept(script):
        (tmp_path / "logs").mkdir()
        supervisor = Supervisor(Console(io.StringIO()), tmp_path / "logs", Status(tmp_path / "status.json"))
        command = ("sh", "-c", script)
        never = Program("late", command, tmp_path, {}, is_ready=lambda: False, ready_within=1)
        try:
            with pytest.raises(StackError) as raised:
                await supervisor.keep(never)
        finally:
            await supervisor.stop([never.name])
            supervisor.close()
        return str(raised.value)

    return lambda script: asyncio.run(kept(script))


def test_a_program_that_is_late_is_named_with_its_last_lines(keep, tmp_path):
    log = tmp_path / "logs/late.log"
    assert keep("echo working; exec sleep 60") == (
        f"late wasn't ready within 1 s: its last lines are below, all of them in {log}.\n    working"
    )


def test_where_a_program_said_nothing_no_lines_are_promised(keep):
    said = keep("exec sleep 60")
    assert "and said nothing" in said
    assert "below" not in said
