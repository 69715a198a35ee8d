"""One whole stack, fake services on the real parts, and what happens to it while it runs."""

import os
import pwd
import stat
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from atelier.contracts.topics import TOPICS
from atelier.stack.state import State

RUN_FAKES = (sys.executable, str(Path(__file__).parent / "fakes" / "run_fakes.py"))
ALL = ("postgres", "s3", "kafka", "alpha", "beta", "gateway")


@pytest.fixture(scope="module")
def running(fake_stack, tmp_path_factory):
    """A stack that stays up for the tests of this module."""
    with fake_stack(tmp_path_factory.mktemp("running") / "data") as stack:
        yield stack


def command(stack, *arguments, **environment):
    return subprocess.run(
        (*RUN_FAKES, *arguments),
        env=stack.environment | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_everything_is_up_when_the_page_says_so(running):
    with urlopen(f"{running.gateway_url}/health", timeout=5) as answer:
        assert answer.status == 200
    assert all(running.part(name).ready for name in ALL)
    for told in (running.gateway_url, f"{running.gateway_url}/docs", str(running.folder.logs), "Ctrl-C"):
        assert told in running.output


def test_each_service_was_migrated_once_and_before_it_served(running):
    for name in ("ALPHA", "BETA"):
        assert (running.folder.path / f"{name}.migrations").read_text() == "migrated\n"
    assert not (running.folder.path / "GATEWAY.migrations").exists()


def test_what_holds_secrets_is_private(running):
    for file in (running.folder.state_file, running.folder.services_file):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_output_of_a_service_is_on_the_terminal_and_in_its_file(running):
    assert "alpha      │ ALPHA serves" in running.output
    assert (running.folder.logs / "alpha.log").read_text() == "ALPHA serves\n"


async def test_a_service_gets_into_its_own_database_only(running):
    own = running.service_environment("alpha")["ALPHA_DATABASE_URL"]
    connection = await asyncpg.connect(own)
    await connection.execute("CREATE TABLE mine ()")
    await connection.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(own.removesuffix("alpha") + "beta")


async def test_all_topics_are_there(running):
    admin = AIOKafkaAdminClient(
        bootstrap_servers=running.service_environment("alpha")["KAFKA_BOOTSTRAP_SERVERS"]
    )
    await admin.start()
    try:
        assert {topic.name for topic in TOPICS} <= set(await admin.list_topics())
    finally:
        await admin.close()


def test_a_command_of_a_service_runs_with_the_stacks_environment(running):
    done = command(running, "exec", "alpha", "--", "environment")
    own = running.service_environment("alpha")
    assert done.stdout.split() == [own["ALPHA_DATABASE_URL"], own["INTERNAL_TOKEN_SECRET"]]
    assert f"ALPHA_PORT={own['ALPHA_PORT']}\n" in command(running, "env", "alpha").stdout


def test_a_second_start_on_the_same_data_is_refused(running):
    done = command(running, "run", GATEWAY_PORT="1")
    assert done.returncode == 1
    assert f"{running.folder.path} is in use by a running stack (process {running.pid})" in done.stderr


def test_another_stack_runs_beside_it_also_as_another_user(running, fake_stack, tmp_path):
    """As root the other runs as a user that isn't; an ordinary user has only itself."""
    someone = next(user for user in pwd.getpwall() if user.pw_uid)
    namespace = ("unshare", "--user", f"--map-user={someone.pw_uid}", f"--map-group={someone.pw_gid}", "--")
    other = fake_stack(tmp_path / "data", before=namespace if os.geteuid() == 0 else ())
    with other:
        first, second = (State.load(stack.folder.state_file).ports for stack in (running, other))
        assert not set(first.values()) & set(second.values())
    assert all(running.part(name).ready for name in ALL)


def test_whatever_is_killed_is_started_again(running):
    before = {name: running.kill_part(name) for name in ALL}
    for name, part in before.items():
        running.wait(lambda name=name, part=part: running.part(name).starts > part.starts, 60)
        running.wait(lambda name=name: running.part(name).ready, 60)
    assert "alpha      │ was ended by SIGKILL; starting it again in" in running.output


def test_what_a_killed_service_left_of_its_work_is_cleared_away(running):
    running.kill_part_and_wait("beta")
    left = {file.name for file in running.folder.temporary("beta").iterdir()}
    assert left == {str(running.part("beta").pid)}
