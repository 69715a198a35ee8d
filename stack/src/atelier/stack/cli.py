"""`python -m atelier.stack`: the commands behind the Makefile's doors."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import sys
from collections.abc import Sequence

from atelier.stack import kafka_jars
from atelier.stack.data_folder import DataFolder
from atelier.stack.environment import whole_environment
from atelier.stack.errors import StackError
from atelier.stack.run import run
from atelier.stack.services import SERVICES, Service
from atelier.stack.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 1 and one sentence on stderr when it can't be done."""
    try:
        given = _parser().parse_args(arguments)
        given.do(given, Settings.read(os.environ))
    except StackError as error:
        print(f"atelier: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m atelier.stack", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    names = [service.name for service in SERVICES]
    commands.add_parser("run", help="everything, until Ctrl-C").set_defaults(do=_run)
    commands.add_parser("parts", help="only PostgreSQL, Kafka and S3").set_defaults(do=_parts)
    commands.add_parser("install", help="fetch Kafka's jars").set_defaults(do=_install)
    show = commands.add_parser("env", help="print a service's environment, for `set -a; . <(…)`")
    execute = commands.add_parser("exec", help="run a service's command beside the running stack")
    for command in (show, execute):
        command.add_argument("service", choices=names)
    execute.add_argument("arguments", nargs=argparse.REMAINDER, help="-- and what the service gets")
    show.set_defaults(do=_env)
    execute.set_defaults(do=_exec)
    return parser


def _run(_: argparse.Namespace, settings: Settings) -> None:
    run(settings)


def _parts(_: argparse.Namespace, settings: Settings) -> None:
    run(settings, services=())


def _install(_: argparse.Namespace, settings: Settings) -> None:
    kafka_jars.install(settings.kafka_jars, tell=print)


def _env(given: argparse.Namespace, settings: Settings) -> None:
    for name, value in _environment(given.service, settings).items():
        print(f"{name}={shlex.quote(value)}")


def _exec(given: argparse.Namespace, settings: Settings) -> None:
    if not DataFolder(settings.data_dir).in_use():
        raise StackError(f"No stack runs on {settings.data_dir}: start one with `make run`, or set DATA_DIR.")
    command = _service(given.service).command(*_without_dashes(given.arguments))
    os.execve(command[0], command, whole_environment(os.environ, _environment(given.service, settings)))  # noqa: S606


def _service(name: str) -> Service:
    return next(service for service in SERVICES if service.name == name)


def _without_dashes(arguments: list[str]) -> list[str]:
    return arguments[1:] if arguments[:1] == ["--"] else arguments


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
