"""The public HTTP API, asked again and again while a service is away, and never twice for one effect."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from yarl import URL

from demo.errors import DemoError, LoginError, NotRunningError, RefusedError
from demo.options import Login

Json = dict[str, Any]
LOGIN = "/api/v1/login/access-token"
IN_FLIGHT = b"still being worked on"
"""Of the 409 for an Idempotency-Key whose first request hasn't been answered yet."""

LATER = frozenset({429, 502, 503, 504})
"""Answers of the gateway that leave open whether it happened, or say to come back."""
LATER_BY_STORAGE = LATER | {500}

PATIENCE = 120.0
"""Seconds for which the same request is sent again before the demo gives up."""

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=5)
DOWNLOAD_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=60)
PIECE = 1024 * 1024


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, which is JSON."""
        return orjson.loads(self.body)


class Api:
    """A client that is signed in, and works inside of an organization, or personally where that is None.

    Each POST carries an Idempotency-Key made of `run` and a name, so that one that is sent again
    after a lost answer gets that answer.
    """

    def __init__(
        self,
        http: aiohttp.ClientSession,
        gateway: str,
        token: str,
        run: str,
        patience: float = PATIENCE,
        organization: str | None = None,
    ) -> None:
        self.organization = organization
        self._http = http
        self._gateway = gateway
        self._signed_in = {"Authorization": f"Bearer {token}"}
        self._run = run
        self._patience = patience

    async def get(self, path: str, **query: str | int) -> Any:
        """The answer's JSON. RefusedError for any other status than 200."""
        url = self._url(path).update_query(query)
        return _granted(f"GET {path}", await self._insist("GET", url, self._signed_in)).json()

    async def post(self, path: str, name: str, body: object = None) -> Json:
        """Make something happen once; `name` is unique in this run. RefusedError where it can't."""
        headers = self._signed_in | {"Idempotency-Key": f"{self._run}/{name}"}
        content = None if body is None else orjson.dumps(body)
        if content is not None:
            headers["Content-Type"] = "application/json"
        answer = await self._insist("POST", self._url(path), headers, content)
        return dict(_granted(f"POST {path}", answer).json())

    async def put_file(self, url: str, content: bytes, content_type: str) -> None:
        """Bring bytes to a presigned URL, without the login, which is none of the storage's business."""
        headers = {"Content-Type": content_type}
        where = URL(url, encoded=True)
        answer = await self._insist("PUT", where, headers, content, LATER_BY_STORAGE)
        _granted(f"PUT to {where.host}", answer)

    async def fetch(self, url: str) -> bytes:
        """The bytes of a public file. RefusedError where there is none."""
        where = URL(url, encoded=True)
        return _granted(f"GET {url}", await self._insist("GET", where, {}, None, LATER_BY_STORAGE)).body

    async def download(self, path: str, to: Path) -> None:
        """Write what a redirect leads to into a file. RefusedError where it leads nowhere (any more)."""
        answer = await self._insist("GET", self._url(path), self._signed_in)
        if not 300 <= answer.status < 400:
            raise RefusedError(f"GET {path}", answer.status, answer.body.decode(errors="replace"))
        where, patience = URL(answer.headers["Location"], encoded=True), Patience(self._patience)
        while not await self._streamed(where, to):
            await patience.pause(f"GET from {where.host}")

    def _url(self, path: str) -> URL:
        url = URL(self._gateway + path)
        return url.update_query(organization_id=self.organization) if self.organization else url

    async def _insist(
        self,
        method: str,
        url: URL,
        headers: Mapping[str, str],
        body: bytes | None = None,
        later: Collection[int] = LATER,
    ) -> Answer:
        """Send it until an answer says what came of it; DemoError when none does in time."""
        patience = Patience(self._patience)
        while True:
            async with _perhaps_unanswered():
                answer = await _sent(self._http, method, url, headers, body)
                if answer.status not in later and not _is_in_flight(answer):
                    return answer
            await patience.pause(f"{method} {url.path}")

    async def _streamed(self, url: URL, to: Path) -> bool:
        """Whether the whole file is there now."""
        async with _perhaps_unanswered():
            async with self._http.get(url, timeout=DOWNLOAD_TIMEOUT) as answer:
                if answer.status in LATER_BY_STORAGE:
                    return False
                if answer.status != 200:
                    raise RefusedError(f"GET from {url.host}", answer.status, await answer.text())
                with to.open("wb") as file:
                    async for piece in answer.content.iter_chunked(PIECE):
                        file.write(piece)
            return True
        return False


class Patience:
    """Longer and longer pauses, until it is over."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends = time.monotonic() + seconds
        self._pause = FIRST_PAUSE

    async def pause(self, what: str) -> None:
        """Wait a little. DemoError when it has waited long enough for `what`."""
        if time.monotonic() > self._ends:
            raise DemoError(f"{what} wasn't answered in {self._seconds:.0f} s: see the logs of `make run`.")
        await asyncio.sleep(self._pause)
        self._pause = min(2 * self._pause, LONGEST_PAUSE)


@asynccontextmanager
async def signed_in(gateway: str, login: Login, run: str, patience: float = PATIENCE) -> AsyncIterator[Api]:
    """An API of whoever that login is; NotRunningError where no gateway answers, LoginError else."""
    async with aiohttp.ClientSession(timeout=TIMEOUT) as http:
        yield Api(http, gateway, await _token(http, gateway, login), run, patience)


async def _token(http: aiohttp.ClientSession, gateway: str, login: Login) -> str:
    """Asked for once: a first question that nobody answers means that nothing runs."""
    form = {"username": login.email, "password": login.password}
    try:
        async with http.post(gateway + LOGIN, data=form) as response:
            body = await response.read()
    except (aiohttp.ClientError, TimeoutError):
        raise NotRunningError(
            f"Nothing answers at {gateway}: start `make run` first, in another terminal "
            "(with the same GATEWAY_PORT and DATA_DIR, where they are set)."
        ) from None
    if response.status == 200:
        return str(_json_of(gateway, body)["access_token"])
    if response.status in (400, 401, 403, 422):
        raise LoginError(
            f"{gateway} doesn't take the password for {login.email}: set FIRST_SUPERUSER_EMAIL and "
            "FIRST_SUPERUSER_PASSWORD to a login that it knows, or DATA_DIR to its data."
        )
    raise NotRunningError(f"{gateway} can't log anybody in yet ({response.status}): see its /health.")


def _json_of(gateway: str, body: bytes) -> Json:
    """NotRunningError where something else than a gateway answered."""
    try:
        return dict(orjson.loads(body))
    except (ValueError, TypeError):
        raise NotRunningError(f"What answers at {gateway} isn't Atelier: set GATEWAY_PORT.") from None


@asynccontextmanager
async def _perhaps_unanswered() -> AsyncIterator[None]:
    """Whatever ends a connection says nothing about what the other side did."""
    try:
        yield
    except (aiohttp.ClientError, TimeoutError):
        return


async def _sent(
    http: aiohttp.ClientSession, method: str, url: URL, headers: Mapping[str, str], body: bytes | None
) -> Answer:
    async with http.request(method, url, headers=headers, data=body, allow_redirects=False) as response:
        return Answer(response.status, response.headers, await response.read())


def _is_in_flight(answer: Answer) -> bool:
    return answer.status == 409 and IN_FLIGHT in answer.body


def _granted(what: str, answer: Answer) -> Answer:
    if not 200 <= answer.status < 300:
        raise RefusedError(what, answer.status, answer.body.decode(errors="replace"))
    return answer
