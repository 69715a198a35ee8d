"""Answers of the signing keys' operation."""

from __future__ import annotations

import base64
from typing import Literal, Self

from atelier.contracts.public.model import PublicModel
from atelier.identity.signing_keys.models import SigningKey


class JsonWebKey(PublicModel):
    """The public half of a key (RFC 8037); `x` is its 32 bytes in base64url."""

    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    alg: Literal["EdDSA"] = "EdDSA"
    use: Literal["sig"] = "sig"
    kid: str
    x: str

    @classmethod
    def of(cls, key: SigningKey) -> Self:
        """The public half of that key."""
        public = key.private().public_key().public_bytes_raw()
        return cls(kid=str(key.id), x=base64.urlsafe_b64encode(public).rstrip(b"=").decode())


class JsonWebKeySet(PublicModel):
    """Keys by which access tokens are verified, the one that signs first."""

    keys: list[JsonWebKey]
