"""Slugs: names as they can stand in a URL, each taken once where it must be unique."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from itertools import chain, count

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.orm import InstrumentedAttribute

MAX_SLUG = 64
"""Characters, before a number."""
NUMBER = "-[0-9]+$"


def slug_of(name: str, otherwise: str) -> str:
    """The name in `[a-z0-9-]`, at most 64 characters; `otherwise` where nothing of it can be kept."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return slug[:MAX_SLUG].rstrip("-") or otherwise


class FreeSlugs:
    """Gives each of several entities its slug, as it is or with the first free number behind it."""

    def __init__(self, taken: Collection[str]) -> None:
        self._taken = set(taken)

    def take(self, slug: str) -> str:
        """The slug, or the first free one of `slug-2`, `slug-3` and so on; it is taken from now on."""
        candidates = chain([slug], (f"{slug}-{number}" for number in count(2)))
        free = next(candidate for candidate in candidates if candidate not in self._taken)
        self._taken.add(free)
        return free


def in_the_way(column: InstrumentedAttribute[str], slugs: Collection[str]) -> ColumnElement[bool]:
    """Whether a taken slug is one of these, or one of them with a number behind it."""
    return or_(column.in_(slugs), func.regexp_replace(column, NUMBER, "").in_(slugs))
