"""Hashing of passwords, which is slow and takes memory on purpose: never on the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pwdlib import PasswordHash
from pydantic import SecretStr

from atelier.runtime.errors import UnavailableError

T = TypeVar("T")
MAX_WAITING = 64
"""Hashes asked for and not done; more are refused at once rather than kept waiting for seconds."""


class Passwords:
    """Argon2id, so many at once as there are threads. Hold no transaction while you wait for it."""

    def __init__(self, threads: int) -> None:
        self._hasher = PasswordHash.recommended()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._waiting = 0
        self._nobodys = self._hasher.hash("nobody's")

    async def hash(self, password: SecretStr) -> str:
        """The hash to store."""
        return await self._run(self._hasher.hash, password.get_secret_value())

    async def verify(self, password: str, hash_: str | None) -> bool:
        """Whether it is the password behind the hash; without one it takes as long, and isn't."""
        typed = password.encode(errors="surrogatepass")  # a form may hold what is no text
        matches = await self._run(self._hasher.verify, typed, hash_ or self._nobodys)
        return matches and hash_ is not None

    async def _run(self, work: Callable[..., T], *args: str | bytes) -> T:
        if self._waiting >= MAX_WAITING:
            raise UnavailableError("Too many people are logging in right now; try again in a moment.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *args)
        finally:
            self._waiting -= 1
