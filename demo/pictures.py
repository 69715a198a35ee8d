"""Pictures of garments: those of a folder, each with its back view where there is one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyvips

from demo.errors import BadOptionError

CONTENT_TYPES = {"jpegload": "image/jpeg", "pngload": "image/png", "webpload": "image/webp"}
"""By the loader that libvips chooses from the bytes."""
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
BACK = "_back"
"""Ends the name of a picture that shows the back of the garment of that name."""
AT_MOST = 50 * 1024 * 1024
"""Bytes of an upload."""
PIXELS_AT_MOST = 50_000_000
"""Of all frames of a picture together."""


@dataclass(frozen=True)
class Picture:
    """A file as it will be uploaded."""

    filename: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Garment:
    """What becomes a product."""

    name: str
    sku: str
    front: Picture
    back: Picture | None = None
    colour: str | None = None
    category: str | None = None


@dataclass(frozen=True)
class Unreadable:
    """A file that is left out, and why."""

    filename: str
    reason: str


def read_folder(folder: Path) -> tuple[list[Garment], list[Unreadable]]:
    """Every readable jpeg, png and webp in it as a garment, in the order of names, and what isn't readable.

    Raises BadOptionError where there is no picture at all, or none that can be read.
    """
    files = sorted(file for file in _listed(folder) if file.suffix.lower() in SUFFIXES)
    if not files:
        raise BadOptionError(f"{folder} holds no picture: put jpeg, png or webp files of garments in it.")
    pictures, unreadable = _read_all(files)
    if not pictures:
        named = "; ".join(f"{one.filename} ({one.reason})" for one in unreadable)
        raise BadOptionError(f"No picture in {folder} can be read: {named}.")
    return list(_garments(pictures)), unreadable


def _listed(folder: Path) -> list[Path]:
    try:
        return [file for file in folder.iterdir() if file.is_file() and not file.name.startswith(".")]
    except OSError as error:
        raise BadOptionError(f"{folder} can't be read: {error.strerror}.") from None


def _read_all(files: Sequence[Path]) -> tuple[dict[str, Picture], list[Unreadable]]:
    """By the name without its ending; of two pictures of one name the first counts."""
    pictures: dict[str, Picture] = {}
    unreadable = []
    for file in files:
        picture = _read(file)
        if isinstance(picture, Unreadable):
            unreadable.append(picture)
        elif file.stem in pictures:
            unreadable.append(Unreadable(picture.filename, "another picture has the same name"))
        else:
            pictures[file.stem] = picture
    return pictures, unreadable


def _plain(name: str) -> str:
    """As it can be sent and printed: of bytes and signs that are no text, names of files may have any."""
    return "".join(sign if sign.isprintable() else "_" for sign in name)


def _read(file: Path) -> Picture | Unreadable:
    """Decode it to the end, as a picture that is cut short has a good head."""
    name = _plain(file.name)
    try:
        if file.stat().st_size > AT_MOST:
            return Unreadable(name, f"larger than {AT_MOST // 1024**2} MB")
        content = file.read_bytes()
        image = pyvips.Image.new_from_buffer(content, "", access="sequential", fail_on="truncated")
        content_type = CONTENT_TYPES.get(image.get("vips-loader").removesuffix("_buffer"))
        if content_type is None:
            return Unreadable(name, "no jpeg, png or webp, whatever its name says")
        if image.width * image.height > PIXELS_AT_MOST:
            return Unreadable(name, f"{image.width}×{image.height} are more than {PIXELS_AT_MOST:,} pixels")
        image.avg()
    except OSError as error:
        return Unreadable(name, error.strerror or "can't be opened")
    except pyvips.Error:
        return Unreadable(name, "no whole picture")
    return Picture(name, content_type, content)


def _garments(pictures: dict[str, Picture]) -> Iterator[Garment]:
    fronts = [name for name in pictures if not (name.endswith(BACK) and name.removesuffix(BACK) in pictures)]
    for number, name in enumerate(fronts, 1):
        words = _plain(name).replace("_", " ").replace("-", " ").strip()[:200] or f"Garment {number}"
        shown = words[0].upper() + words[1:]
        yield Garment(shown, f"DEMO-{number:03d}", pictures[name], pictures.get(f"{name}{BACK}"))
