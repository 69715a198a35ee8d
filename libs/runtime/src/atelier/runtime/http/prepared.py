"""Answers that are built as their response model says, and written as they are.

For long nested lists: making models of every part and reading them again costs many times the
select. The operation names its model as `response_model`, and a test holds the answer to it.
"""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import Response

Prepared = dict[str, Any]
"""A public model's fields: texts, numbers, moments in UTC, and parts of the same kind."""

Written = orjson.Fragment
"""A part that is JSON already, as the database wrote it."""


class PreparedAnswer(Response):
    """JSON of prepared parts; headers such as the ETag are set on it, not on FastAPI's own."""

    media_type = "application/json"

    def render(self, content: Prepared | Written) -> bytes:
        """The body: moments in UTC end with a `Z`, as everywhere."""
        return orjson.dumps(content, option=orjson.OPT_UTC_Z)
