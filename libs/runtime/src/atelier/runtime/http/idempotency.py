"""One effect for one `Idempotency-Key`, and its first answer again for a day."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson
from fastapi import Request, Response
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from atelier.runtime.errors import ConflictError, InvalidError
from atelier.runtime.outbox import KeptAnswer

HEADER = "Idempotency-Key"
MAX_KEY = 255
KEPT = "24 hours"

FIND = (
    "SELECT pg_try_advisory_xact_lock($1) AS free, k.request_hash, k.status, k.body, k.etag "
    "FROM (SELECT) AS one LEFT JOIN idempotency_keys k "
    f"ON k.principal_id = $2 AND k.key = $3 AND k.created_at > now() - interval '{KEPT}'"
)


class AnsweredBeforeError(Exception):
    """This request was answered before; the kept answer is the answer."""

    def __init__(self, response: Response) -> None:
        super().__init__("answered before")
        self.response = response


@dataclass(frozen=True)
class IdempotentRequest:
    """A POST with a key: who sent it, and what it was, as a hash."""

    principal_id: UUID
    key: str
    request_hash: bytes

    @classmethod
    async def of(cls, request: Request, principal_id: UUID | None) -> IdempotentRequest | None:
        """None for requests that aren't kept: no key, nobody asking, no POST, a form or multipart.

        Raises `InvalidError` for a key that isn't 1 to 255 printable ASCII characters.
        """
        key = request.headers.get(HEADER)
        if key is None or principal_id is None or request.method != "POST" or _is_form(request):
            return None
        if not 1 <= len(key) <= MAX_KEY or not (key.isascii() and key.isprintable()):
            raise InvalidError.field("header", HEADER, msg=f"Use 1 to {MAX_KEY} printable ASCII characters.")
        return cls(principal_id, key, _hash(request, await request.body()))

    async def claim(self, connection: AsyncConnection) -> None:
        """Take the key for this transaction.

        Raises `AnsweredBeforeError` with the kept answer, `InvalidError` where the key answered
        another request, `ConflictError` while another request with it is in flight.
        """
        found = (await connection.exec_driver_sql(FIND, (self._lock(), self.principal_id, self.key))).one()
        if found.status is not None:
            self._replay(found)
        if not found.free:
            raise ConflictError(
                "A request with this Idempotency-Key is still being worked on; repeat it in a moment."
            )

    def kept(self, response: Response, shown_once: Sequence[str] = ()) -> KeptAnswer:
        """The answer as it is kept with its effect, without the secrets that are shown once."""
        etag = response.headers.get("etag")
        body = bytes(response.body)
        if shown_once:
            body = orjson.dumps({**orjson.loads(body), **dict.fromkeys(shown_once)})
        return KeptAnswer(self.principal_id, self.key, self.request_hash, response.status_code, body, etag)

    def _replay(self, found: Row[tuple[bool, bytes, int, bytes, str | None]]) -> None:
        if bytes(found.request_hash) != self.request_hash:
            raise InvalidError.field("header", HEADER, msg="This key was used for another request.")
        headers = {"ETag": found.etag} if found.etag else {}
        headers["Idempotency-Replayed"] = "true"
        raise AnsweredBeforeError(
            Response(bytes(found.body), found.status, headers, media_type="application/json")
        )

    def _lock(self) -> int:
        digest = hashlib.blake2b(self.principal_id.bytes + self.key.encode(), digest_size=8).digest()
        return int(struct.unpack("q", digest)[0])


def _is_form(request: Request) -> bool:
    content_type = request.headers.get("content-type", "")
    return content_type.startswith(("multipart/", "application/x-www-form-urlencoded"))


def _hash(request: Request, body: bytes) -> bytes:
    digest = hashlib.sha256()
    for part in (
        request.method.encode(),
        request.url.path.encode(),
        request.url.query.encode(),
        body,
    ):
        digest.update(struct.pack("q", len(part)))
        digest.update(part)
    return digest.digest()
