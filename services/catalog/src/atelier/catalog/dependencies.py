"""What catalog's endpoints get from the service that they run in, beside what all have."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from atelier.contracts.public.media import Cdn


def _cdn(request: Request) -> Cdn:
    cdn: Cdn = request.app.state.cdn
    return cdn


CurrentCdn = Annotated[Cdn, Depends(_cdn)]
"""What makes URLs of stored pictures."""
