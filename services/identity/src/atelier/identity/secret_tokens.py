"""Secrets that a client keeps and this database doesn't: only their digests are stored."""

from __future__ import annotations

import hashlib
import secrets

REFRESH_TOKEN, API_KEY, INVITATION = "atr_", "atk_", "ati_"
"""What each kind begins with, so that a leaked one is recognised for what it is."""
_BYTES = 32
MAX_TOKEN = 128
"""Characters that are looked at; ours are shorter."""


def new_secret(kind: str) -> str:
    """256 bits nobody can guess, as text: no salt and no slow hash is needed to keep it."""
    return kind + secrets.token_urlsafe(_BYTES)


def digest_of(secret: str) -> bytes:
    """What is stored of a secret: its SHA-256, 32 bytes."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()
