"""The kinds of file that media knows, by the content type under which they are announced and served."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """A kind of file. Only pictures are readable without a login, which their extension tells."""

    content_type: str
    extension: str
    """Without a dot; the end of every key of such a file."""
    picture: bool = False


JPEG = Format("image/jpeg", "jpg", picture=True)
PNG = Format("image/png", "png", picture=True)
WEBP = Format("image/webp", "webp", picture=True)
GIF = Format("image/gif", "gif", picture=True)
AVIF = Format("image/avif", "avif", picture=True)
ZIP = Format("application/zip", "zip")
PDF = Format("application/pdf", "pdf")
MP4 = Format("video/mp4", "mp4")
MPEG_AUDIO = Format("audio/mpeg", "mp3")

UPLOADABLE = {one.content_type: one for one in (JPEG, PNG, WEBP, GIF, AVIF, ZIP, PDF, MP4, MPEG_AUDIO)}
"""What a presigned URL can be had for."""
PICTURES = {type_: one for type_, one in UPLOADABLE.items() if one.picture}
"""What ingest takes."""
