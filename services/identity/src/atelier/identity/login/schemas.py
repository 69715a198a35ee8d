"""Answers of the login's operations."""

from typing import Literal

from atelier.contracts.public.model import PublicModel


class AccessToken(PublicModel):
    """Send it as `Authorization: Bearer <access_token>`."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the scheme's name
