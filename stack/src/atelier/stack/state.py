"""What a stack remembers between starts: its ports and the secrets that it made, in one private file."""

from __future__ import annotations

import base64
import json
import os
import secrets
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from atelier.stack import ports
from atelier.stack.errors import StackError


def token() -> str:
    """A secret of 256 bits in characters that need no quoting anywhere."""
    return secrets.token_hex(32)


def cluster_id() -> str:
    """An id as Kafka wants it: a UUID in 22 characters of URL-safe base64, no dash first (not an option)."""
    made = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    return cluster_id() if made.startswith("-") else made


@dataclass
class State:
    """Kept in `file` (mode 0600), written by `save`."""

    file: Path
    ports: dict[str, int] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    first_superuser_email: str | None = None
    first_login_shown: bool = False

    @classmethod
    def load(cls, file: Path) -> State:
        """The state in that file, or an empty one where there is none; StackError if it is damaged."""
        try:
            return cls._parse(file, json.loads(file.read_text()))
        except FileNotFoundError:
            return cls(file=file)
        except (ValueError, KeyError) as error:
            raise StackError(
                f"{file} is damaged ({error}): put a good copy in its place, "
                f"or remove {file.parent} to begin with empty data."
            ) from None
        except OSError as error:
            raise StackError(
                f"{file} can't be read ({error.strerror}): make it readable for this user."
            ) from None

    @classmethod
    def _parse(cls, file: Path, content: dict[str, object]) -> State:
        """ValueError or KeyError for anything but what `save` writes."""
        if not isinstance(content, dict):
            raise ValueError("it is no object")
        email = content["first_superuser_email"]
        return cls(
            file=file,
            ports={name: int(port) for name, port in _texts(content["ports"]).items()},
            secrets=_texts(content["secrets"]),
            first_superuser_email=None if email is None else str(email),
            first_login_shown=content["first_login_shown"] is True,
        )

    def save(self) -> None:
        """All of it or, after a crash in the middle, what was there before."""
        content = {name: value for name, value in asdict(self).items() if name != "file"}
        write_privately(self.file, json.dumps(content, indent=2) + "\n")

    def secret(self, name: str, make: Callable[[], str] = token) -> str:
        """The secret of that name, made when it is asked for the first time."""
        return self.secrets.setdefault(name, make()) if name not in self.secrets else self.secrets[name]

    def port(self, name: str, *, with_grpc: bool = False) -> int:
        """The port of that name: the one chosen before if it is still free, else another."""
        usable = ports.is_free_with_grpc if with_grpc else ports.is_free
        port = self.ports.get(name)
        if port is None or not usable(port):
            self.ports[name] = port = ports.choose(set(self.ports.values()), with_grpc=with_grpc)
        return port


def write_privately(file: Path, content: str) -> None:
    """Replace the file in one step, readable by its owner only and on disk when this returns."""
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(file)


def _texts(values: object) -> dict[str, str]:
    if not isinstance(values, dict):
        raise ValueError(f"{values!r} is no object")
    return {str(name): str(value) for name, value in values.items()}
