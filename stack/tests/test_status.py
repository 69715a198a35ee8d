import subprocess

import psutil
import pytest

from atelier.stack.status import Status, end_leftovers


@pytest.fixture
def sleeping():
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


def test_what_a_killed_stack_left_is_ended_by_the_next_start(tmp_path, sleeping):
    Status(tmp_path / "status.json").started("s3", sleeping.pid)
    assert end_leftovers(tmp_path / "status.json") == ["s3"]
    assert sleeping.poll() is not None
    assert end_leftovers(tmp_path / "status.json") == []


def test_a_process_that_has_got_the_id_since_is_left_alone(tmp_path, sleeping):
    file = tmp_path / "status.json"
    Status(file).started("s3", sleeping.pid)
    created = str(psutil.Process(sleeping.pid).create_time())
    file.write_text(file.read_text().replace(created, "1.0"))
    assert end_leftovers(file) == []
    assert sleeping.poll() is None


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"parts": 1}', '{"parts": {"a": {}}}'])
def test_a_damaged_file_stops_no_start(tmp_path, content):
    (tmp_path / "status.json").write_text(content)
    assert end_leftovers(tmp_path / "status.json") == []
