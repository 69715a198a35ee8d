"""What a client raises itself; where nobody answers at all, it is httpx's `TransportError`."""

from __future__ import annotations

from typing import Any

import httpx

Detail = str | list[dict[str, Any]]


class RefusedError(Exception):
    """An answer of 400 and above.

    `detail` is a sentence, or for 422 a list of `{loc, msg, type}`, one for each field that is wrong.
    """

    def __init__(self, what: str, status: int, detail: Detail, request_id: str | None = None) -> None:
        super().__init__(f"{what} was refused with {status}: {_told(detail)}")
        self.status = status
        self.detail = detail
        self.request_id = request_id

    @classmethod
    def of(cls, response: httpx.Response) -> RefusedError:
        """From an answer whose body was read."""
        request = response.request
        what = f"{request.method} {request.url.copy_with(query=None)}"
        return cls(what, response.status_code, _detail(response), response.headers.get("X-Request-ID"))


def granted(response: httpx.Response) -> httpx.Response:
    """The same answer; RefusedError where it is none that was hoped for."""
    if response.is_error:
        raise RefusedError.of(response)
    return response


def _detail(response: httpx.Response) -> Detail:
    """What the gateway says; the beginning of the body where something else answered."""
    try:
        detail: Detail = response.json()["detail"]
    except (ValueError, KeyError, TypeError):
        return response.text[:500]
    return detail


def _told(detail: Detail) -> str:
    if isinstance(detail, str):
        return detail
    return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in detail)
