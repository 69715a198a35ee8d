"""Bodies and answers of the uploads' operations."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from atelier.runtime.http.bodies import RequestBody

Filename = Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^\x00-\x1f\x7f]+$")]
Folder = Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_/-]*$")]
Bytes = Annotated[int, Field(strict=True, gt=0, le=2**53)]


class PresignedUrlRequest(RequestBody):
    """A file to be uploaded. Its type and, where it is given, its size in bytes are signed.

    `folder` says what it is for; it is recorded and changes nothing.
    """

    folder: Folder
    filename: Filename
    content_type: Annotated[str, Field(min_length=1, max_length=255)]
    file_size: Bytes | None = None


class PresignedUrlResponse(BaseModel):
    """Where the client PUTs the bytes itself, with the content type that it announced.

    `file_url` names the file in other requests afterwards, and shows a picture until then.
    """

    upload_url: str
    file_url: str
    upload_method: Literal["PUT"]
    expires_in_seconds: int
    max_file_size: int
