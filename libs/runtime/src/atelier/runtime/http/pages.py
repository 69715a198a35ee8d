"""Pages of a list: `skip` and `limit`, or `page` and `size`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request

from atelier.runtime.errors import InvalidError

MAX_LIMIT = 1000
MAX_SIZE = 100
MAX_SKIP = 2**31 - 1
DEFAULT_SIZE = 20


@dataclass(frozen=True)
class Page:
    """Which rows of the whole list: `limit` of them after the first `skip`."""

    skip: int = 0
    limit: int = 100


def page_of(most: int) -> Callable[..., Awaitable[Page]]:
    """Read the page from the query: `most` rows where nothing is said."""

    async def read(
        request: Request,
        skip: Annotated[int, Query(ge=0, le=MAX_SKIP)] = 0,
        limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = most,
        page: Annotated[
            int | None, Query(ge=1, le=MAX_SKIP // MAX_SIZE, description="From 1; instead of `skip`.")
        ] = None,
        size: Annotated[int | None, Query(ge=1, le=MAX_SIZE, description="Instead of `limit`.")] = None,
    ) -> Page:
        if page is None and size is None:
            return Page(skip, limit)
        for name in ("skip", "limit"):
            if name in request.query_params:
                raise InvalidError.field("query", name, msg="Use either skip and limit, or page and size.")
        size = size or DEFAULT_SIZE
        return Page(skip=((page or 1) - 1) * size, limit=size)

    return read


Paged = Annotated[Page, Depends(page_of(100))]
