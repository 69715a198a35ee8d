"""The jars of Apache Kafka: fetched once by coordinates, held to their SHA-256, used from where they are."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from atelier.stack.errors import StackError

LIST = Path(__file__).with_name("kafka_jars.txt")
AGAIN = "run `make install` again when the network is back"
TRIES = 3
AT_ONCE = 8


@dataclass(frozen=True)
class Jar:
    """One line of the list."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        """Its name in the folder of jars."""
        return f"{self.artifact}-{self.version}.jar"

    @property
    def coordinates(self) -> str:
        """As Maven writes them."""
        return f"{self.group}:{self.artifact}:{self.version}"


def listed() -> list[Jar]:
    """The jars that `kafka_jars.txt` names: coordinates and digest a line."""
    lines = (line.split() for line in LIST.read_text().splitlines() if line and not line.startswith("#"))
    return [_jar(coordinates, sha256) for coordinates, sha256 in lines]


def require(folder: Path) -> None:
    """StackError unless all jars are there; `install` put them there whole, so names are enough."""
    missing = [jar.file_name for jar in listed() if not (folder / jar.file_name).exists()]
    if missing:
        raise StackError(
            f"{len(missing)} of Kafka's jars are missing in {folder}, {missing[0]} first: {AGAIN}."
        )


def install(folder: Path, tell: Callable[[int, int], None]) -> None:
    """Fetch what is missing, telling how many of how many are there, and hold every jar to its digest.

    StackError names what is wrong.
    """
    folder.mkdir(parents=True, exist_ok=True)
    jars = listed()
    for jar in jars:
        if (folder / jar.file_name).exists():
            _check(jar, folder / jar.file_name)
    missing = [jar for jar in jars if not (folder / jar.file_name).exists()]
    for number, _ in enumerate(_fetched(missing, folder), start=1):
        tell(number, len(missing))
    shutil.rmtree(folder / "fetched", ignore_errors=True)
    _remove_others(folder, {jar.file_name for jar in jars})


def _jar(coordinates: str, sha256: str) -> Jar:
    group, artifact, version = coordinates.split(":")
    return Jar(group, artifact, version, sha256)


def _fetched(missing: list[Jar], folder: Path) -> Iterator[Jar]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            yield from pool.map(lambda jar: _fetch(jar, folder), missing)
        finally:
            pool.shutdown(cancel_futures=True)


def _fetch(jar: Jar, folder: Path) -> Jar:
    """Download beside its place, check, then move there: what lies in place is whole."""
    fetched = _download(jar, folder / "fetched")
    _check(jar, fetched)
    fetched.replace(folder / jar.file_name)
    return jar


def _download(jar: Jar, folder: Path) -> Path:
    from jgo.maven import MavenContext  # a third of a second, which only an installation pays

    artifact = MavenContext(repo_cache=folder, timeout=60).create_dependency(jar.coordinates).artifact
    place = folder / artifact.component.path_prefix / artifact.filename
    shutil.rmtree(place.parent, ignore_errors=True)
    for attempt in range(1, TRIES + 1):
        try:
            return Path(artifact.resolve())
        except (OSError, RuntimeError) as error:
            place.unlink(missing_ok=True)
            if attempt == TRIES:
                reason = type(error).__name__
                raise StackError(f"The download of {jar.coordinates} failed ({reason}): {AGAIN}.") from None
    raise AssertionError("unreachable")


def _check(jar: Jar, file: Path) -> None:
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != jar.sha256:
        file.unlink()
        raise StackError(
            f"{file.name} isn't what it should be (SHA-256 {found}, not {jar.sha256}) and was removed: "
            "run `make install` again; if it comes back, don't trust the network it comes over."
        )


def _remove_others(folder: Path, wanted: set[str]) -> None:
    """Jars of an earlier list: the class path takes all that lie in the folder."""
    for file in folder.glob("*.jar"):
        if file.name not in wanted:
            file.unlink()
