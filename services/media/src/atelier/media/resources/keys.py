"""Where a resource's bytes are in the bucket."""

from __future__ import annotations

import re
from uuid import UUID

PREFIX = "media/"

_KEY = re.compile(r"media/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/file\.([a-z0-9]{1,8})")


def folder_of(resource_id: UUID) -> str:
    """The prefix of everything that is stored for a resource."""
    return f"{PREFIX}{resource_id}/"


def key_of(resource_id: UUID, extension: str) -> str:
    """The key of its file."""
    return f"{folder_of(resource_id)}file.{extension}"


def converted_key(resource_id: UUID, extension: str) -> str:
    """The key of its copy in another format."""
    return f"{folder_of(resource_id)}converted.{extension}"


def resource_of(key: str) -> UUID | None:
    """The resource whose file has this key; None for anything that isn't written as such a key."""
    match = _KEY.fullmatch(key)
    return UUID(match[1]) if match else None
