"""Who asks. Each is an `httpx.Auth`, for plain and async clients alike, and may be shared by several."""

from __future__ import annotations

from collections.abc import Generator

import httpx

LOGIN = "/api/v1/login/access-token"

Flow = Generator[httpx.Request, httpx.Response, None]


class ApiKey(httpx.Auth):
    """A key of `api_keys.create_api_key`, for programs that run for long."""

    def __init__(self, key: str) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Sends the key."""
        request.headers["X-API-Key"] = self._key
        yield request


class Token(httpx.Auth):
    """An access token that somebody else signed in for; it is sent until it is refused."""

    def __init__(self, access_token: str) -> None:
        self._token = access_token

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Sends the token."""
        yield _signed(request, self._token)


class Password(httpx.Auth):
    """Signs in with the first request, and again when the token isn't taken any more.

    Refresh tokens are left alone: each works once, and requests that run beside each other would
    use the same one twice, which ends the session.
    """

    requires_response_body = True

    def __init__(self, email: str, password: str) -> None:
        self._form = {"username": email, "password": password}
        self._token: str | None = None

    def auth_flow(self, request: httpx.Request) -> Flow:
        """Sends a token, and asks for one where there is none, or none that is taken."""
        used = self._token
        if used is not None:
            answer = yield _signed(request, used)
            if answer.status_code != httpx.codes.UNAUTHORIZED:
                return
        if self._token == used:  # nobody else has signed in meanwhile
            answer = yield httpx.Request("POST", request.url.join(LOGIN), data=self._form)
            if answer.is_error:
                return  # which makes it the answer to the request
            self._token = str(answer.json()["access_token"])
        yield _signed(request, self._token)


def _signed(request: httpx.Request, token: str | None) -> httpx.Request:
    request.headers["Authorization"] = f"Bearer {token}"
    return request
