"""Free ports on loopback for the parts and services."""

from __future__ import annotations

import random
import socket
from collections.abc import Collection

INTERNAL = range(12768, 22768)
"""Below what systems hand to outgoing connections, even with GRPC_OFFSET added, and so that no
gRPC port is ever another part's port."""

GRPC_OFFSET = 10_000
"""SeaweedFS listens for gRPC this far above each of its ports."""


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def is_free_with_grpc(port: int) -> bool:
    """Whether both the port and the gRPC port that SeaweedFS derives from it are free."""
    return is_free(port) and is_free(port + GRPC_OFFSET)


def choose(taken: Collection[int], *, with_grpc: bool = False) -> int:
    """A free internal port, at random so that copies started together rarely meet."""
    usable = is_free_with_grpc if with_grpc else is_free
    for port in random.sample(INTERNAL, len(INTERNAL)):
        if port not in taken and usable(port):
            return port
    raise OSError("no free port on loopback")
