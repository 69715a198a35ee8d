"""Reading request bodies strictly, before any model sees them."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from typing import Any

import orjson
from fastapi import HTTPException, Request
from pydantic import BaseModel, ConfigDict

NUL_ESCAPE = b"\\u0000"
_JSON_SUFFIXED = re.compile(r"application/[^/ ]+\+json")
TOO_LARGE = "The body is longer than the {} bytes that are taken here; send less at once."
Place = tuple[str | int, ...]


class StrictRequest(Request):
    """A request whose body is bounded, and whose JSON is read by orjson: no NaN, bounded depth.

    What it refuses is an `HTTPException`: FastAPI makes a bare 400 of anything else raised here.
    """

    def require_json(self) -> None:
        """415 for a body that says of itself that it is something else, or says nothing."""
        headers = self.headers
        if headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
            return
        media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json" and not _JSON_SUFFIXED.fullmatch(media_type):
            raise HTTPException(415, "Send the body as JSON, with Content-Type: application/json.")

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body in pieces; 413 once it is longer than the service takes."""
        limit: int = self.app.state.max_body_bytes
        announced = self.headers.get("content-length", "")
        length = int(announced[:19]) if announced.isascii() and announced.isdecimal() else 0
        if length > limit:
            raise HTTPException(413, TOO_LARGE.format(limit))
        length = 0
        async for piece in super().stream():
            length += len(piece)
            if length > limit:
                raise HTTPException(413, TOO_LARGE.format(limit))
            yield piece

    async def json(self) -> Any:
        """The body; an unreadable one or one with NUL in a text is a 422."""
        raw = await self.body()
        parsed = orjson.loads(raw)
        if NUL_ESCAPE in raw and (place := _find_nul(parsed)) is not None:
            raise HTTPException(
                422, [{"loc": place, "msg": "A text may not contain NUL.", "type": "string_nul"}]
            )
        return parsed


class RequestBody(BaseModel):
    """Base of request bodies. Fields that aren't sent stay unset, so updates change only the rest."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=False)

    def sent(self) -> dict[str, Any]:
        """The fields that the client sent, with their values."""
        return {name: getattr(self, name) for name in self.model_fields_set}


def _find_nul(parsed: object) -> Place | None:
    """Where a text has a NUL, which PostgreSQL's text can't hold; no recursion: bodies may be deep."""
    left: list[tuple[Place, object]] = [(("body",), parsed)]
    while left:
        place, value = left.pop()
        if isinstance(value, str) and "\0" in value:
            return place
        if isinstance(value, dict):
            left += [(place, key) for key in value] + [((*place, key), item) for key, item in value.items()]
        elif isinstance(value, list):
            left += [((*place, index), item) for index, item in enumerate(value)]
    return None
