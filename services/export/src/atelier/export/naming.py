"""Names of delivered files: from a template, safe on every system, unique inside an archive."""

from __future__ import annotations

import itertools
import re
import string
import unicodedata
from collections.abc import Callable, Iterator, Mapping

from atelier.contracts.deliverables import Deliverable

DEFAULT_TEMPLATE = "{brand}_{product_sku}_{shot_type}_v{version}"
UNKNOWN = "unknown"
LONGEST = 180
"""Bytes of UTF-8 in a name without its extension; file systems take 255 with it."""
FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
SPACES = re.compile(r"\s+")
DOTS = re.compile(r"\.{2,}")
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of control, bidi and zero-width characters, surrogates and such."""
DEVICES = frozenset(
    {"con", "prn", "aux", "nul", "conin$", "conout$", "clock$"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"}
)
"""Names that Windows keeps for devices, with any extension."""

PLACEHOLDERS: Mapping[str, Callable[[Deliverable], object]] = {
    "brand": lambda one: one.product and one.product.brand,
    "product_id": lambda one: one.product_id,
    "product_name": lambda one: one.product and one.product.name,
    "product_sku": lambda one: one.product and one.product.sku,
    "style_code": lambda one: one.product and one.product.style_code,
    "colour": lambda one: one.product and one.product.colour,
    "season": lambda one: one.product and one.product.season,
    "year": lambda one: one.product and one.product.year,
    "collection": lambda one: one.product and one.product.brand_collection,
    "shooting": lambda one: one.shooting_name,
    "subject": lambda one: one.subject_name,
    "shot_type": lambda one: one.shot_type and one.shot_type.name,
    "shot_id": lambda one: one.shot_id,
    "look_id": lambda one: one.look_id,
    "revision_id": lambda one: one.revision_id,
    "version": lambda one: one.revision_version,
}
"""What a template may name, and where it is found."""


def render(template: str, deliverable: Deliverable) -> str:
    """The file's name without extension, safe; a value that is missing becomes `unknown`.

    Raises KeyError for a placeholder that isn't one of `PLACEHOLDERS`.
    """
    parts = []
    for text, placeholder, _, _ in string.Formatter().parse(template):
        parts.append(text)
        if placeholder is not None:
            value = PLACEHOLDERS[placeholder](deliverable)
            parts.append(_clean("" if value is None else str(value)) or UNKNOWN)
    return safe("".join(parts))


def safe(name: str) -> str:
    """The name as every file system takes it: one visible, bounded part of a path, and no device."""
    cleaned = _cut(_clean(name), LONGEST).strip(". ") or UNKNOWN
    return f"_{cleaned}" if cleaned.partition(".")[0].strip().casefold() in DEVICES else cleaned


def _clean(text: str) -> str:
    """Visible characters only, composed; separators of paths, wildcards and spaces become dashes."""
    spaced = SPACES.sub("-", unicodedata.normalize("NFC", text).strip())
    visible = "".join(char for char in spaced if unicodedata.category(char) not in INVISIBLE)
    return DOTS.sub(".", FORBIDDEN.sub("-", visible)).strip(". ")


def _cut(text: str, longest: int) -> str:
    """As many whole characters as fit into so many bytes of UTF-8."""
    return text.encode()[:longest].decode(errors="ignore")


class UniqueNames:
    """Gives each file of an archive a name of its own, also where case or composition don't count."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._next: dict[str, int] = {}

    def take(self, stem: str, extension: str) -> str:
        """The name with its extension; the first free number is put behind a stem that is taken."""
        name = next(name for name in self._candidates(stem) if _sameness(name) not in self._taken)
        self._taken.add(_sameness(name))
        return f"{name}.{extension}"

    def _candidates(self, stem: str) -> Iterator[str]:
        """The stem, then with numbers behind it, each of which is looked at only once."""
        yield stem
        key = _sameness(stem)
        for number in itertools.count(self._next.get(key, 2)):
            self._next[key] = number + 1
            yield f"{_cut(stem, LONGEST - 1 - len(str(number)))}-{number}"


def _sameness(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
