"""What a person may choose, by environment variables as everywhere in this project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from atelier.stack.data_folder import DataFolder
from atelier.stack.environment import first_email
from atelier.stack.errors import StackError
from atelier.stack.settings import Settings
from atelier.stack.state import State
from demo.errors import BadOptionError, LoginError

LOOKS_AT_MOST = 500
SIZE_AT_MOST = 4096
DEFAULT_LOOKS = 8
DEFAULT_WIDTH = 768
"""Pixels across a generated picture, which is 3 wide and 4 high."""


@dataclass(frozen=True)
class Login:
    """Who walks down the road."""

    email: str
    password: str


@dataclass(frozen=True)
class Options:
    """Where the gateway is, who signs in, which garments, how many looks, and where results go.

    `images` is None where garments are drawn for the purpose, `looks` None where a folder decides.
    `width` is that of generated pictures in pixels, three quarters of their height.
    """

    gateway: str
    login: Login
    images: Path | None
    looks: int | None
    out: Path
    width: int = DEFAULT_WIDTH

    @classmethod
    def read(cls, environment: Mapping[str, str], now: datetime | None = None) -> Options:
        """From environment variables, an empty one counting as unset.

        Raises BadOptionError for a value that can't be used, LoginError where no password is known.
        """
        given = {name: value for name, value in environment.items() if value.strip()}
        try:
            settings = Settings.read(given)
            login = _login(settings)
        except StackError as error:
            raise BadOptionError(str(error)) from None
        return cls(
            gateway=f"http://{_reachable(settings.gateway_host)}:{settings.gateway_port}",
            login=login,
            images=_folder(given["IMAGES"]) if "IMAGES" in given else None,
            looks=_number(given, "LOOKS", LOOKS_AT_MOST),
            out=_out(given, settings.data_dir, now or datetime.now(UTC)),
            width=_number(given, "WIDTH", SIZE_AT_MOST * 3 // 4) or DEFAULT_WIDTH,
        )


def _login(settings: Settings) -> Login:
    """The first login: from the environment, else as the stack on that data folder made it."""
    state = State.load(DataFolder(settings.data_dir).state_file)
    email = first_email(settings, state)
    password = settings.first_superuser_password or state.secrets.get("first_superuser_password")
    if password is None:
        raise LoginError(
            f"No password is known for {email}: start `make run` first, with the same DATA_DIR, "
            "or set FIRST_SUPERUSER_EMAIL and FIRST_SUPERUSER_PASSWORD as they were at its first start."
        )
    return Login(email, password)


def _reachable(host: str) -> str:
    """Where to ask a gateway that listens on that address; every address is reached on loopback."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104


def _folder(name: str) -> Path:
    folder = Path(name).expanduser().absolute()
    if not folder.exists():
        raise BadOptionError(f"There is no folder {folder}: set IMAGES to one that holds pictures.")
    if not folder.is_dir():
        raise BadOptionError(f"{folder} is no folder: set IMAGES to the folder that the picture is in.")
    return folder


def _out(given: Mapping[str, str], data_dir: Path, now: datetime) -> Path:
    """OUT, or a new folder of this run below DATA_DIR."""
    if "OUT" not in given:
        return data_dir / "demo" / f"{now:%Y-%m-%d-%H%M%S}"
    out = Path(given["OUT"]).expanduser().absolute()
    if out.exists() and not out.is_dir():
        raise BadOptionError(f"{out} is no folder: set OUT to where the results may be written.")
    return out


def _number(given: Mapping[str, str], name: str, at_most: int) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= at_most):
        raise BadOptionError(f"{name} is {text!r}: set it to a number from 1 to {at_most}.")
    return int(text)
