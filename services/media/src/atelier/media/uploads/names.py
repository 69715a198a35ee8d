"""Keys of temporary uploads. The server picks them; what a client calls its file is only decoration."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from uuid import UUID

from atelier.media.formats import Format

PREFIX = "temp/"
LONGEST = 80
"""Characters of the name in a key."""

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")


def key_of(file_id: UUID, now: datetime, filename: str, format_: Format) -> str:
    """The key of a new upload.

    It ends as the announced type says, whatever the file is called: storage lets everybody read
    pictures, and tells them from archives by that.
    """
    return f"{PREFIX}{file_id}_{int(now.timestamp())}_{safe_name(filename)}.{format_.extension}"


def safe_name(filename: str) -> str:
    """A file name without its folders and its extension, in letters that need no escaping anywhere."""
    base = re.split(r"[/\\]", filename)[-1]
    stem = base.rpartition(".")[0] or base
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    return _UNSAFE.sub("_", plain).strip("_")[:LONGEST] or "file"
