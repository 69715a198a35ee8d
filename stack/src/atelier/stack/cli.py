"""`python -m atelier.stack`: the commands behind the Makefile's doors."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from collections.abc import Callable, Sequence

from atelier.stack import kafka_jars, kafka_start
from atelier.stack.data_folder import DataFolder
from atelier.stack.environment import whole_environment
from atelier.stack.errors import StackError
from atelier.stack.run import run
from atelier.stack.services import SERVICES, Service
from atelier.stack.settings import Settings

Command = Callable[[argparse.Namespace, Settings, Sequence[Service]], None]


def main(arguments: Sequence[str] | None = None, services: Sequence[Service] = SERVICES) -> int:
    """Run one command; 1 and one sentence on stderr when it can't be done."""
    given = _parser(services).parse_args(arguments)
    command: Command = given.command
    try:
        command(given, Settings.read(os.environ), services)
    except StackError as error:
        print(f"atelier: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser(services: Sequence[Service]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m atelier.stack", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Command, text: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=text)
        one.set_defaults(command=command)
        return one

    add("run", _run, "everything, until Ctrl-C")
    add("parts", _parts, "only PostgreSQL, Kafka and S3, until Ctrl-C")
    add("install", _install, "fetch Kafka's jars and prepare its start")
    show = add("env", _env, "print what the stack sets for a service, NAME=value a line")
    execute = add("exec", _exec, "run a service's command beside the running stack")
    for one in (show, execute):
        one.add_argument("service", choices=[service.name for service in services])
    execute.add_argument("arguments", nargs=argparse.REMAINDER, help="-- and what the service gets")
    return parser


def _run(_: argparse.Namespace, settings: Settings, services: Sequence[Service]) -> None:
    run(settings, services)


def _parts(_: argparse.Namespace, settings: Settings, __: Sequence[Service]) -> None:
    run(settings, services=())


def _install(_: argparse.Namespace, settings: Settings, __: Sequence[Service]) -> None:
    kafka_jars.install(settings.kafka_jars, _tell_some)
    if not kafka_start.make(settings.kafka_jars):
        print("Java can't prepare Kafka's start on this machine: it starts a little slower")


def _tell_some(number: int, count: int) -> None:
    """Progress, but not a line a jar."""
    if number % 9 == 0 or number == count:
        print(f"jar {number} of {count}", flush=True)


def _env(given: argparse.Namespace, settings: Settings, _: Sequence[Service]) -> None:
    for name, value in _environment(given.service, settings).items():
        print(f"{name}={shlex.quote(value)}")


def _exec(given: argparse.Namespace, settings: Settings, services: Sequence[Service]) -> None:
    if not DataFolder(settings.data_dir).in_use():
        raise StackError(f"No stack runs on {settings.data_dir}: start one with `make run`, or set DATA_DIR.")
    service = next(service for service in services if service.name == given.service)
    arguments = given.arguments[1:] if given.arguments[:1] == ["--"] else given.arguments
    command = service.command(*arguments)
    os.execve(command[0], command, whole_environment(os.environ, _environment(given.service, settings)))  # noqa: S606


def _environment(service: str, settings: Settings) -> dict[str, str]:
    """As the last start wrote it down."""
    file = DataFolder(settings.data_dir).services_file
    try:
        environments = json.loads(file.read_text())
        return dict(environments[service])
    except (OSError, ValueError, KeyError):
        raise StackError(
            f"{file} has no environment of {service}: start the stack once with `make run`, or set DATA_DIR."
        ) from None
