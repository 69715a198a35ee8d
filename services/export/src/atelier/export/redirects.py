"""Answers that send the client to the storage, so that the bytes cross no service."""

from __future__ import annotations

from typing import Any, Final

from fastapi.responses import RedirectResponse

from atelier.runtime.http.errors import ErrorDetail

REDIRECT: Final[dict[str, Any]] = {
    "status_code": 307,
    "response_class": RedirectResponse,
    "responses": {409: {"model": ErrorDetail, "description": "There is no file that could be fetched."}},
    "response_description": "The file is at `Location`, as an attachment, for an hour; ranges work there.",
}
"""How such an operation is declared."""


def redirect(url: str) -> RedirectResponse:
    """The answer; nobody may keep it, for the URL is a secret that ends."""
    return RedirectResponse(url, 307, {"Cache-Control": "no-store"})
