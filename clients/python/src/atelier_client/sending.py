"""How operations reach the gateway: arguments of httpx's `request` → an answer below 400."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

Send = Callable[[dict[str, Any]], httpx.Response]
AsyncSend = Callable[[dict[str, Any]], Awaitable[httpx.Response]]
