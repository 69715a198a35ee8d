"""A typed client of Atelier. Operations and models are generated from its OpenAPI document.

`Atelier` is for plain code, `AsyncAtelier` for asyncio; they have the same operations.
"""

from atelier_client.clients import AsyncAtelier, Atelier
from atelier_client.errors import RefusedError
from atelier_client.logins import ApiKey, Password, Token
from atelier_client.pages import every, every_async

__all__ = [
    "ApiKey",
    "AsyncAtelier",
    "Atelier",
    "Password",
    "RefusedError",
    "Token",
    "every",
    "every_async",
]
