"""The client that the demo walks with, and what it tells a person when that doesn't get on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from uuid import UUID

import httpx

from atelier_client import AsyncAtelier, Token
from atelier_client import RefusedError as ClientRefusedError
from atelier_client.models import BodyLogIn, LoginTokens
from demo.errors import DemoError, LoginError, NotRunningError, RefusedError
from demo.options import Login

PATIENCE = 120.0
"""Seconds for which the same request is sent again before the demo gives up."""
AWAY = frozenset({429, 502, 503, 504})
"""What the gateway answers for a service that is away, or has too much to do."""
NOT_A_LOGIN = frozenset({400, 401, 403, 422})


class Api(AsyncAtelier):
    """Works inside of an organization, or personally where that is None."""

    def __init__(
        self, gateway: str, login: httpx.Auth, organization: UUID | None = None, **more: Any
    ) -> None:
        super().__init__(gateway, login, **{"patience": PATIENCE} | more)
        self.organization = organization


@asynccontextmanager
async def signed_in(gateway: str, login: Login, patience: float = PATIENCE) -> AsyncIterator[Api]:
    """An API of whoever that login is; NotRunningError where no gateway answers, LoginError else.

    Inside, what the client raises becomes a DemoError.
    """
    tokens = await _tokens(gateway, login)
    async with Api(gateway, Token(tokens.access_token), patience=patience) as api:
        with _told(patience):
            yield api


@contextmanager
def _told(patience: float) -> Iterator[None]:
    try:
        yield
    except ClientRefusedError as refused:
        if refused.status in AWAY:
            raise DemoError(
                f"{refused} This went on for {patience:.0f} s: see the logs of `make run`."
            ) from None
        raise RefusedError(str(refused)) from None
    except httpx.TransportError as error:
        what = f"{error.request.method} {error.request.url.path}"
        raise DemoError(
            f"{what} wasn't answered in {patience:.0f} s ({error!r}): see the logs of `make run`."
        ) from None


async def _tokens(gateway: str, login: Login) -> LoginTokens:
    """Asked for once: a first question that nobody answers means that nothing runs."""
    form = BodyLogIn(username=login.email, password=login.password)
    async with AsyncAtelier(gateway, patience=0) as nobody:
        try:
            return await nobody.login.log_in(body=form)
        except httpx.TransportError:
            raise NotRunningError(
                f"Nothing answers at {gateway}: start `make run` first, in another terminal "
                "(with the same GATEWAY_PORT and DATA_DIR, where they are set)."
            ) from None
        except ClientRefusedError as refused:
            raise _no_login(gateway, login, refused.status) from None
        except (ValueError, LookupError, TypeError):
            raise NotRunningError(f"What answers at {gateway} isn't Atelier: set GATEWAY_PORT.") from None


def _no_login(gateway: str, login: Login, status: int) -> DemoError:
    if status in NOT_A_LOGIN:
        return LoginError(
            f"{gateway} doesn't take the password for {login.email}: set FIRST_SUPERUSER_EMAIL and "
            "FIRST_SUPERUSER_PASSWORD to a login that it knows, or DATA_DIR to its data."
        )
    return NotRunningError(f"{gateway} can't log anybody in yet ({status}): see its /health.")
