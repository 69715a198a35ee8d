"""The parts that a stack runs itself, and the address of each part wherever it runs."""

from __future__ import annotations

from dataclasses import dataclass

from atelier.stack.data_folder import DataFolder
from atelier.stack.endpoints import Endpoints
from atelier.stack.parts import kafka, postgres, seaweedfs
from atelier.stack.program import Program
from atelier.stack.settings import Settings
from atelier.stack.state import State, cluster_id

NAMES = (postgres.NAME, seaweedfs.NAME, kafka.NAME)


@dataclass(frozen=True)
class Parts:
    """`programs` by name holds only those that this stack runs."""

    programs: dict[str, Program]
    endpoints: Endpoints


def parts(settings: Settings, folder: DataFolder, state: State) -> Parts:
    """Choose ports where they are needed; what the settings name as being elsewhere isn't run here."""
    here = _Embedded(settings, folder, state)
    postgres_url = settings.postgres_admin_url or here.postgres()
    kafka_servers = settings.kafka_bootstrap_servers or here.kafka()
    s3_url, access_key, secret_key = (
        (settings.s3_endpoint_url, settings.s3_access_key or "", settings.s3_secret_key or "")
        if settings.s3_endpoint_url
        else here.s3()
    )
    endpoints = Endpoints(postgres_url, kafka_servers, s3_url, settings.s3_bucket, access_key, secret_key)
    return Parts(here.programs, endpoints)


class _Embedded:
    """Each method adds a part's program and returns how to reach it."""

    def __init__(self, settings: Settings, folder: DataFolder, state: State) -> None:
        self.programs: dict[str, Program] = {}
        self._settings, self._folder, self._state = settings, folder.path, state

    def postgres(self) -> str:
        port, password = self._state.port("postgres"), self._state.secret("postgres")
        self._add(postgres.program(self._folder / "postgres", port, password))
        return f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"

    def kafka(self) -> str:
        port, controller = self._state.port("kafka"), self._state.port("kafka_controller")
        cluster = self._state.secret("kafka_cluster_id", cluster_id)
        self._add(kafka.program(self._folder / "kafka", self._settings.kafka_jars, port, controller, cluster))
        return f"127.0.0.1:{port}"

    def s3(self) -> tuple[str, str, str]:
        names = {
            "s3": "s3",
            "master": "s3_master",
            "volume": "s3_volume",
            "filer": "s3_filer",
            "admin": "s3_admin",
        }
        ports = seaweedfs.SeaweedPorts(
            **{field: self._state.port(name, with_grpc=True) for field, name in names.items()}
        )
        access_key, secret_key = self._state.secret("s3_access_key"), self._state.secret("s3_secret_key")
        bucket = seaweedfs.Bucket(self._settings.s3_bucket, access_key, secret_key)
        self._add(seaweedfs.program(self._folder / "s3", ports, bucket))
        return f"http://127.0.0.1:{ports.s3}", access_key, secret_key

    def _add(self, program: Program) -> None:
        self.programs[program.name] = program
