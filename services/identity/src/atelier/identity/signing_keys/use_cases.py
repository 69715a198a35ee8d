"""What can be done with signing keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from atelier.identity.signing_keys import repository
from atelier.identity.signing_keys.models import SigningKey
from atelier.runtime.clock import new_id
from atelier.runtime.errors import UnavailableError
from atelier.runtime.unit_of_work import UnitOfWork

ALGORITHM = "EdDSA"
ISSUER = AUDIENCE = "atelier"


async def make_first(uow: UnitOfWork) -> None:
    """Make the first key where there is none; safe to repeat and for two processes at once."""
    await repository.lock_making(uow)
    if await repository.newest(uow) is None:
        private = Ed25519PrivateKey.generate().private_bytes_raw()
        uow.add(SigningKey(id=new_id(), created_at=uow.now, private_key=private))


async def access_token(uow: UnitOfWork, user_id: UUID, lifetime: timedelta) -> str:
    """A token that says who somebody is, and nothing of what they may do.

    Raises `UnavailableError` before the first key was made.
    """
    key = await repository.newest(uow)
    if key is None:
        raise UnavailableError("Nobody can sign in yet; try again in a moment.")
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(user_id),
        "iat": uow.now,
        "exp": uow.now + lifetime,
        "jti": str(new_id()),
    }
    return jwt.encode(claims, key.private(), algorithm=ALGORITHM, headers={"kid": str(key.id)})


async def published(uow: UnitOfWork) -> Sequence[SigningKey]:
    """The keys by which tokens may be verified."""
    return await repository.all_(uow)
