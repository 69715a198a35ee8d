"""How a stack starts and ends: in order, in a hurry, and when everything is taken from under it."""

import os
import signal
import socket

import psutil
import pytest

from atelier.stack.state import State


def gone(processes, within=10):
    """Whether they have all ended by then."""
    return not psutil.wait_procs(processes, timeout=within)[1]


@pytest.fixture
def stack(fake_stack, tmp_path):
    stack = fake_stack(tmp_path / "data")
    yield stack
    stack.stop()


def test_kill_9_of_the_supervisor_ends_everything_and_the_next_start_and_end_are_in_order(stack):
    stack.start()
    processes = stack.processes()
    assert len(processes) > 6
    before = State.load(stack.folder.state_file)
    stack.kill()
    assert gone(processes)

    with socket.create_server(("127.0.0.1", before.ports["kafka"])):
        stack.start()
        after = State.load(stack.folder.state_file)
        assert after.secrets == before.secrets
        assert {name for name, port in after.ports.items() if port != before.ports[name]} == {"kafka"}
        processes = stack.processes()
        stack.send(signal.SIGTERM)
        assert stack.ended() == 0
        assert gone(processes, within=0)
    stopped = [line.split()[0] for line in stack.output.splitlines() if line.endswith("│ stopped")]
    assert stopped[0] == "gateway"
    assert set(stopped[1:3]) == {"alpha", "beta"}
    assert stopped[3:] == ["kafka", "s3", "postgres", "stack"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("moment", ["starting on", "postgres   │ ready"])
def test_a_signal_while_it_starts_ends_it_and_leaves_nothing(stack, number, moment):
    stack.launch()
    stack.wait(lambda: moment in stack.output)
    stack.send(number)
    assert stack.ended(20) == 0
    assert stack.processes() == []


def test_a_gateway_port_that_is_taken_is_named_with_what_to_set(fake_stack, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        stack = fake_stack(tmp_path / "data", GATEWAY_PORT=str(port)).launch()
        assert stack.ended(10) == 1
    assert f"Port {port} on 127.0.0.1 is taken or not allowed: set GATEWAY_PORT" in stack.output
    assert "Traceback" not in stack.output


def test_a_service_that_cannot_start_is_told_with_its_last_lines_and_nothing_is_left(fake_stack, tmp_path):
    stack = fake_stack(
        tmp_path / "data", INTERNAL_TOKEN_SECRET="x" * 32, PYTHONPATH=os.environ.get("PYTHONPATH", "")
    )
    stack.launch()
    assert stack.ended(30) == 1
    assert "No module named fake_service" in stack.output
    assert "Traceback" not in stack.output
    assert stack.processes() == []
