"""What a URL to fetch may look like; read once, by the same rules as the client that connects."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from yarl import URL

from atelier.media.remote.addresses import is_public, parse

LONGEST = 2048
PORTS = {"http": 80, "https": 443}
_ODD = re.compile(r"[\x00-\x20\x7f\\]")
_NUMERIC_LABEL = re.compile(r"([0-9]+|0[xX][0-9a-fA-F]*)")


class ForbiddenUrlError(Exception):
    """Nothing is fetched from there; the message ends the sentence "The URL …"."""


@dataclass(frozen=True)
class Target:
    """Where to connect. `trusted` says that the operator named this server, whatever its addresses."""

    url: URL
    host: str
    port: int
    trusted: bool


def target_of(text: str, trusted: Collection[str]) -> Target:
    """Read a URL; raises `ForbiddenUrlError` for one that isn't plain http(s) on its usual port.

    A host in numbers must be a public address in its usual form: `2130706433`, `0x7f.1` and the like
    are read differently by different programs.
    """
    if len(text) > LONGEST:
        raise ForbiddenUrlError(f"is longer than {LONGEST} characters")
    if _ODD.search(text):
        raise ForbiddenUrlError("holds spaces, control characters or backslashes")
    try:
        url = URL(text)
        host, port = url.host, url.port
    except ValueError:
        raise ForbiddenUrlError("can't be read") from None
    if url.scheme not in PORTS or not host or port is None:
        raise ForbiddenUrlError("isn't an http or https URL")
    if "@" in url.raw_authority:
        raise ForbiddenUrlError("holds a user or a password")
    if f"{host}:{port}" in trusted:
        return Target(url, host, port, trusted=True)
    if port != PORTS[url.scheme]:
        raise ForbiddenUrlError("names a port; only the usual ones are asked")
    _require_public_form(host)
    return Target(url, host, port, trusted=False)


def _require_public_form(host: str) -> None:
    address = parse(host)
    if address is not None:
        if not is_public(address):
            raise ForbiddenUrlError("leads to an address that isn't public")
        return
    last = host.rstrip(".").rpartition(".")[2]
    if ":" in host or "%" in host or not last or _NUMERIC_LABEL.fullmatch(last):
        raise ForbiddenUrlError("has a host in an unusual form")
