"""What an item names: read from its text alone, without asking anybody."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import UUID

from atelier.media.resources.keys import PREFIX as RESOURCES
from atelier.media.resources.keys import resource_of
from atelier.media.uploads.use_cases import PREFIX as UPLOADS
from atelier.runtime.errors import TooLargeError

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_DATA = re.compile(r"data:([^,;]*)((?:;[^,;]*)*),", re.IGNORECASE)
_WHITESPACE = re.compile(r"[ \t\r\n]+")


class SourceError(Exception):
    """What the item names can't be used; the message is a whole sentence."""

    type = "value_error"


class UnknownSourceError(SourceError):
    """It names nothing, or nothing that may be used here; which of the two isn't told."""

    type = "unknown_id"

    def __init__(self) -> None:
        super().__init__("There is nothing with this id that may be used here.")


@dataclass(frozen=True)
class Existing:
    """A resource that is there already."""

    id: UUID


@dataclass(frozen=True)
class Uploaded:
    """The bytes of a temporary upload."""

    key: str


@dataclass(frozen=True)
class Remote:
    """A file on somebody else's server."""

    url: str


@dataclass(frozen=True)
class Inline:
    """A file that stands in the request itself; `announced` is the type that its URL says, if any."""

    encoded: str
    announced: str | None

    def decode(self) -> bytes:
        """The bytes; raises `SourceError` for what isn't base64."""
        plain = _WHITESPACE.sub("", self.encoded)
        try:
            return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
        except (binascii.Error, ValueError):
            raise SourceError("This is neither a URL nor base64.") from None


Source = Existing | Uploaded | Remote | Inline


@dataclass(frozen=True)
class Reader:
    """Reads sources; `bases` are the URLs, without a slash at their end, under which our bucket is known."""

    bases: Collection[str]
    max_inline_bytes: int

    def read(self, text: str) -> Source:
        """What the text names.

        Raises `SourceError`, and `TooLargeError` for an inline file that is larger than they may be,
        before it is decoded.
        """
        if text[:5].lower() == "data:":
            return self._data(text)
        for base in self.bases:
            if text.startswith(f"{base}/"):
                return _own(urlsplit(text[len(base) + 1 :]).path)
        if _SCHEME.match(text):
            return Remote(text)
        return self._inline(text, None)

    def _data(self, url: str) -> Inline:
        head = _DATA.match(url[:1024])
        if head is None or ";base64" not in head[2].lower():
            raise SourceError("A data: URL must hold base64.")
        return self._inline(url[head.end() :], head[1].strip().lower() or None)

    def _inline(self, encoded: str, announced: str | None) -> Inline:
        if len(encoded) // 4 * 3 > self.max_inline_bytes + 3:
            limit = self.max_inline_bytes
            raise TooLargeError(f"A picture in a body may have at most {limit} bytes; upload larger ones.")
        return Inline(encoded, announced)


def _own(key: str) -> Source:
    if key.startswith(UPLOADS):
        return Uploaded(key)
    resource_id = resource_of(key) if key.startswith(RESOURCES) else None
    if resource_id is None:
        raise UnknownSourceError
    return Existing(resource_id)
