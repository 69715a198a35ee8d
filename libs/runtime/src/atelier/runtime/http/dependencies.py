"""What endpoints get from the service that they run in.

These are coroutines though they wait for nothing: FastAPI runs plain functions in threads.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from atelier.contracts.public.media import Cdn
from atelier.runtime.media_client import MediaClient
from atelier.runtime.references import References
from atelier.runtime.storage import Storage


async def _references(request: Request) -> References:
    references: References = request.app.state.references
    return references


CurrentReferences = Annotated[References, Depends(_references)]
"""Other services' aggregates, for commands that decide on them."""


async def _media_client(request: Request) -> MediaClient:
    client: MediaClient = request.app.state.media_client
    return client


CurrentMedia = Annotated[MediaClient, Depends(_media_client)]
"""Media, for commands that take over files."""


async def _storage(request: Request) -> Storage:
    storage: Storage = request.app.state.storage
    return storage


CurrentStorage = Annotated[Storage, Depends(_storage)]
"""The bucket, in the services that declare one."""


async def _cdn(request: Request) -> Cdn:
    cdn: Cdn = request.app.state.cdn
    return cdn


CurrentCdn = Annotated[Cdn, Depends(_cdn)]
"""What makes URLs of stored pictures, in the services that show some."""
