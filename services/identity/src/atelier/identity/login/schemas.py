"""Bodies and answers of the login's operations."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from atelier.contracts.public.model import PublicModel
from atelier.identity.secret_tokens import MAX_TOKEN
from atelier.runtime.http.bodies import RequestBody


class AccessToken(PublicModel):
    """Send it as `Authorization: Bearer <access_token>`, for `expires_in` seconds."""

    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the scheme's name
    expires_in: int


class LoginTokens(AccessToken):
    """With `refresh_token` a login goes on: each works once, its answer has the next."""

    refresh_token: str


class RefreshRequest(RequestBody):
    """The newest refresh token of a session."""

    refresh_token: Annotated[SecretStr, Field(min_length=1, max_length=MAX_TOKEN)]
