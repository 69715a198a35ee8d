"""Reading request bodies strictly, before any model sees them."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict

NUL_ESCAPE = b"\\u0000"


class StrictRequest(Request):
    """A request whose JSON is read by orjson: bounded depth, no NaN, no lone surrogates."""

    async def json(self) -> Any:
        """The body; an unreadable one or one with NUL in a text is a 422."""
        raw = await self.body()
        parsed = orjson.loads(raw)
        if NUL_ESCAPE in raw:
            _refuse_nul(parsed, ("body",))
        return parsed


class RequestBody(BaseModel):
    """Base of request bodies. Fields that aren't sent stay unset, so updates change only the rest."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=False)

    def sent(self) -> dict[str, Any]:
        """The fields that the client sent, with their values."""
        return {name: getattr(self, name) for name in self.model_fields_set}


def _refuse_nul(value: object, place: tuple[str | int, ...]) -> None:
    """PostgreSQL's text can't hold NUL; say where one is."""
    if isinstance(value, str) and "\0" in value:
        raise RequestValidationError(
            [{"loc": place, "msg": "A text may not contain NUL.", "type": "string_nul"}]
        )
    if isinstance(value, dict):
        for key, item in value.items():
            _refuse_nul(key, place)
            _refuse_nul(item, (*place, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_nul(item, (*place, index))
