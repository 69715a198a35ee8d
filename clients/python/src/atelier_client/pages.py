"""Lists that come in pages, as if they came in one piece."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
PAGE = 200
"""Items that are asked for at once."""


class Page(Protocol[T]):
    """Some items of a list, and how many there are in all."""

    data: list[T]
    count: int


def every(operation: Callable[..., Page[T]], *place: Any, **filters: Any) -> Iterator[T]:
    """Each item of a list operation such as `atelier.shots.list_shots`, asked for page by page."""
    seen, count = 0, 1
    while seen < count:
        page = operation(*place, skip=seen, limit=PAGE, **filters)
        yield from page.data
        seen, count = seen + len(page.data), page.count if page.data else 0


async def every_async(
    operation: Callable[..., Awaitable[Page[T]]], *place: Any, **filters: Any
) -> AsyncIterator[T]:
    """The same for asyncio: `async for shot in every_async(atelier.shots.list_shots)`."""
    seen, count = 0, 1
    while seen < count:
        page = await operation(*place, skip=seen, limit=PAGE, **filters)
        for item in page.data:
            yield item
        seen, count = seen + len(page.data), page.count if page.data else 0
