"""The one way to a backend: what it is asked for, and how it says that it couldn't."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Protocol
from uuid import UUID

from atelier.contracts.enums import ErrorCategory
from atelier.contracts.generation_requests import GenerationRequest


@dataclass(frozen=True)
class PictureFormat:
    """How a file is called and announced; `extension` without its dot."""

    extension: str
    content_type: str


FORMATS: Mapping[str, PictureFormat] = MappingProxyType(
    {
        "JPG": PictureFormat("jpg", "image/jpeg"),
        "JPEG": PictureFormat("jpg", "image/jpeg"),
        "PNG": PictureFormat("png", "image/png"),
        "WEBP": PictureFormat("webp", "image/webp"),
    }
)
"""What pictures can be asked for in, by a request's `file_format`."""


class BackendError(Exception):
    """No picture this time; the category says whether another try is worth it.

    `retry_after` is what the backend itself said, None where it didn't.
    """

    def __init__(self, category: ErrorCategory, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.category = category
        self.message = message
        self.retry_after = retry_after


@dataclass(frozen=True, kw_only=True)
class Order:
    """One picture that is wanted: the request, this picture's own seed, and its inputs as local files.

    Reference images stay in storage; a backend that looks at them finds their keys in the request.
    """

    prediction_id: UUID
    request: GenerationRequest
    seed: int
    product: Path
    subject: Path | None = None
    background: Path | None = None


class Backend(Protocol):
    """Something that makes pictures. The same order makes the same picture where the backend can."""

    tool: ClassVar[str]
    """Its name to clients, of `GenerationTool`."""

    async def make(self, order: Order, to: Path) -> None:
        """Write the picture, of the request's size and format; raises `BackendError`."""
        ...

    async def close(self) -> None:
        """Let go of what it holds."""
        ...
