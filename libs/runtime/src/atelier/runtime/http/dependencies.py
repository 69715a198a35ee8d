"""What endpoints get from the service that they run in."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from atelier.runtime.references import References


def _references(request: Request) -> References:
    references: References = request.app.state.references
    return references


CurrentReferences = Annotated[References, Depends(_references)]
"""Other services' aggregates, for commands that decide on them."""
