"""ETags and `If-Match`: an entity's tag is its quoted version."""

from __future__ import annotations

from typing import Annotated, Protocol

from fastapi import Depends, Header, Response

from atelier.runtime.errors import StaleVersionError


class Versioned(Protocol):
    """Anything that counts its changes."""

    version: int


def tag(response: Response, entity: Versioned) -> None:
    """Put the entity's ETag on the answer."""
    response.headers["ETag"] = etag(entity.version)


def etag(version: int) -> str:
    """The version as an entity tag."""
    return f'"{version}"'


class Expected:
    """The versions that the client is willing to change; without `If-Match`, any."""

    def __init__(self, if_match: str | None) -> None:
        self._tags = None if if_match is None else {part.strip() for part in if_match.split(",")}

    def require(self, entity: Versioned) -> None:
        """Raise `StaleVersionError` where the client saw another version than the current one."""
        if self._tags is None or "*" in self._tags or etag(entity.version) in self._tags:
            return
        raise StaleVersionError(
            "Somebody changed this since you read it; read it again and repeat your change."
        )


async def _expected(
    if_match: Annotated[str | None, Header(description="ETag of the version to change.")] = None,
) -> Expected:
    return Expected(if_match)


IfMatch = Annotated[Expected, Depends(_expected)]
