"""Answers of nested lists: plain dicts in the form of the documented models, written by orjson.

A page of looks holds thousands of small parts. Validating and dumping a model for each takes many
times what the database takes; a test holds the dicts to the models that the documents show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import orjson
from fastapi import Response

from atelier.contracts.public.media import Cdn, MediaResourcePublic
from atelier.contracts.users import UserState

Answer = dict[str, Any]
"""A public model's fields; ids and moments may still be objects."""
StoredJson = Mapping[str, Any]
"""A `StoredMedia` as its columns hold it."""

_MEDIA = tuple(name for name in MediaResourcePublic.model_fields if name != "url")


def respond(answer: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The answer as JSON, in the form in which pydantic writes the models."""
    body = orjson.dumps(answer, default=_plain, option=orjson.OPT_UTC_Z)
    return Response(body, status, dict(headers or {}), media_type="application/json")


def show_media(cdn: Cdn, stored: StoredJson | None) -> Answer | None:
    """A `MediaResourcePublic`."""
    if stored is None:
        return None
    return {name: stored.get(name) for name in _MEDIA} | {"url": f"{cdn.base}/{stored['key']}"}


def show_all_media(cdn: Cdn, stored: Iterable[StoredJson]) -> list[Answer | None]:
    """Several of them."""
    return [show_media(cdn, one) for one in stored]


def url_of(cdn: Cdn, stored: StoredJson | None) -> str | None:
    """The file's URL."""
    return None if stored is None else f"{cdn.base}/{stored['key']}"


def show_user(user: UserState | None) -> Answer | None:
    """A `UserSummary`."""
    return None if user is None else {"id": user.id, "email": user.email, "full_name": user.full_name}


def _plain(value: object) -> str:
    """What orjson doesn't know: the driver's own ids."""
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} doesn't belong into an answer")
