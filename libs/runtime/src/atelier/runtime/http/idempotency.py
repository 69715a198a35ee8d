"""One effect for one `Idempotency-Key`, and its first answer again for a day."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from atelier.runtime.errors import ConflictError, InvalidError
from atelier.runtime.unit_of_work import UnitOfWork

HEADER = "Idempotency-Key"
MAX_KEY = 255
KEPT = "24 hours"

FIND = text(
    "SELECT pg_try_advisory_xact_lock(:lock) AS free, k.request_hash, k.status, k.body, k.etag "
    "FROM (SELECT) AS one LEFT JOIN idempotency_keys k "
    f"ON k.principal_id = :principal AND k.key = :key AND k.created_at > now() - interval '{KEPT}'"
)
KEEP = text(
    "INSERT INTO idempotency_keys AS k (principal_id, key, request_hash, status, body, etag) "
    "VALUES (:principal, :key, :hash, :status, :body, :etag) "
    "ON CONFLICT (principal_id, key) DO UPDATE SET request_hash = excluded.request_hash, "
    "status = excluded.status, body = excluded.body, etag = excluded.etag, created_at = now() "
    f"WHERE k.created_at <= now() - interval '{KEPT}' RETURNING 1"
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

    async def claim(self, session: AsyncSession) -> None:
        """Take the key for this transaction.

        Raises `AnsweredBeforeError` with the kept answer, `InvalidError` where the key answered
        another request, `ConflictError` while another request with it is in flight.
        """
        found = (await session.execute(FIND, self._identity() | {"lock": self._lock()})).one()
        if found.status is not None:
            self._replay(found)
        if not found.free:
            raise ConflictError(
                "A request with this Idempotency-Key is still being worked on; repeat it in a moment."
            )

    async def keep(self, uow: UnitOfWork, response: Response) -> None:
        """Keep the answer with the effect; raises `AnsweredBeforeError` where somebody was faster."""
        values = self._identity() | {
            "hash": self.request_hash,
            "status": response.status_code,
            "body": bytes(response.body),
            "etag": response.headers.get("etag"),
        }
        if (await uow.execute(KEEP, values)).first() is None:
            raise ConflictError("A request with this Idempotency-Key was answered just now; repeat it.")

    def _replay(self, found: Row[tuple[bool, bytes, int, bytes, str | None]]) -> None:
        if bytes(found.request_hash) != self.request_hash:
            raise InvalidError.field("header", HEADER, msg="This key was used for another request.")
        headers = {"ETag": found.etag} if found.etag else {}
        headers["Idempotency-Replayed"] = "true"
        raise AnsweredBeforeError(
            Response(bytes(found.body), found.status, headers, media_type="application/json")
        )

    def _identity(self) -> dict[str, UUID | str]:
        return {"principal": self.principal_id, "key": self.key}

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
