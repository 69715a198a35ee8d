"""What endpoints get from the service that they run in."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from atelier.runtime.media_client import MediaClient
from atelier.runtime.references import References
from atelier.runtime.storage import Storage


def _references(request: Request) -> References:
    references: References = request.app.state.references
    return references


CurrentReferences = Annotated[References, Depends(_references)]
"""Other services' aggregates, for commands that decide on them."""


def _media_client(request: Request) -> MediaClient:
    client: MediaClient = request.app.state.media_client
    return client


CurrentMedia = Annotated[MediaClient, Depends(_media_client)]
"""Media, for commands that take over files."""


def _storage(request: Request) -> Storage:
    storage: Storage = request.app.state.storage
    return storage


CurrentStorage = Annotated[Storage, Depends(_storage)]
"""The bucket, in the services that declare one."""
