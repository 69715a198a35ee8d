"""What can be done with signing keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
LEEWAY = timedelta(minutes=1)
"""How much longer than its tokens a key is published: clocks differ."""
AT_ONCE = timedelta(0)


async def make_first(uow: UnitOfWork, token_lifetime: timedelta) -> None:
    """Make the first key where there is none; safe to repeat and for two processes at once.

    Those that are there may sign tokens that last so long from now on.
    """
    await repository.lock_making(uow)
    if not await repository.all_(uow):
        _make(uow, token_lifetime, AT_ONCE)
    await repository.allow_tokens_of(uow, _seconds(token_lifetime))


async def rotate(uow: UnitOfWork, token_lifetime: timedelta, lead: timedelta) -> UUID:
    """Publish a new key that signs after the lead, when everybody who verifies has seen it; its id."""
    await repository.lock_making(uow)
    return _make(uow, token_lifetime, lead).id


async def rotate_if_due(
    uow: UnitOfWork, token_lifetime: timedelta, lead: timedelta, every: timedelta
) -> UUID | None:
    """The same where the newest key is that old, by whichever process comes first; None where it isn't."""
    await repository.lock_making(uow)
    keys = await repository.all_(uow)
    if not keys or keys[0].created_at + every > uow.now:
        return None
    return _make(uow, token_lifetime, lead).id


async def replace_all(uow: UnitOfWork, token_lifetime: timedelta) -> UUID:
    """Take every key back, and sign with a new one at once: for keys that somebody else may have."""
    await repository.lock_making(uow)
    await repository.remove_all(uow)
    return _make(uow, token_lifetime, AT_ONCE).id


async def remove_over(uow: UnitOfWork) -> int:
    """Remove the keys whose tokens have all expired; how many they were."""
    over = [
        key.id
        for key, successor in _with_successors(await repository.all_(uow))
        if key.is_over(successor, uow.now, LEEWAY)
    ]
    if over:
        await repository.remove(uow, over)
    return len(over)


async def access_token(uow: UnitOfWork, user_id: UUID, session_id: UUID, lifetime: timedelta) -> str:
    """A token that says who somebody is and by which login, and nothing of what they may do.

    Its times have fractions of a second, so that those from just before a change of password are
    told from those just after. Raises `UnavailableError` before the first key was made.
    """
    key = await repository.signing(uow)
    if key is None:
        raise UnavailableError("Nobody can sign in yet; try again in a moment.")
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": str(user_id),
        "sid": str(session_id),
        "iat": uow.now.timestamp(),
        "exp": (uow.now + lifetime).timestamp(),
        "jti": str(new_id()),
    }
    return jwt.encode(claims, key.private(), algorithm=ALGORITHM, headers={"kid": str(key.id)})


async def published(uow: UnitOfWork) -> Sequence[SigningKey]:
    """The keys by which tokens may be verified, the one that signs first."""
    good = [
        key
        for key, successor in _with_successors(await repository.all_(uow))
        if not key.is_over(successor, uow.now, LEEWAY)
    ]
    return sorted(good, key=lambda key: key.signs_from > uow.now)


def _make(uow: UnitOfWork, token_lifetime: timedelta, lead: timedelta) -> SigningKey:
    key = SigningKey(
        id=new_id(),
        created_at=uow.now,
        signs_from=uow.now + lead,
        token_seconds=_seconds(token_lifetime),
        private_key=Ed25519PrivateKey.generate().private_bytes_raw(),
    )
    uow.add(key)
    return key


def _with_successors(newest_first: Sequence[SigningKey]) -> Iterator[tuple[SigningKey, SigningKey | None]]:
    """Each key with the one that signs after it."""
    return zip(newest_first, (None, *newest_first), strict=False)


def _seconds(lifetime: timedelta) -> int:
    return int(lifetime.total_seconds())
