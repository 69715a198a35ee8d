"""Media: what a file is once it is stored, and how a body names one."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from atelier.contracts.enums import MediaOrientation, MediaResourceType
from atelier.contracts.media import MediaResourceState, StoredMedia
from atelier.contracts.public.model import PublicModel
from atelier.contracts.types import UtcDatetime

Pixels = Annotated[int, Field(gt=0, le=2**31 - 1)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class MediaResourcePublic(PublicModel):
    """A stored file. The same content is stored once inside a tenant.

    `url` is absolute and can be fetched without login. `content_hash` is the content's MD5 in hex,
    `file_size` is in bytes, `width` and `height` in pixels, `aspect_ratio` width over height,
    `dominant_color` like `#a1b2c3`, `duration` in seconds (video and audio only). A `protected`
    file stays when nothing is attached to it any more.
    """

    id: UUID
    created_at: UtcDatetime
    resource_type: MediaResourceType
    url: str
    content_hash: str
    extension: str
    file_size: int
    width: int | None = None
    height: int | None = None
    aspect_ratio: float | None = None
    orientation: MediaOrientation | None = None
    dominant_color: str | None = None
    color_profile: str | None = None
    duration: float | None = None
    protected: bool
    alt_text: str | None = None
    caption: str | None = None


@dataclass(frozen=True)
class Cdn:
    """Where stored files can be fetched; it makes the absolute URLs, which no state holds."""

    base: str
    """Without a slash at its end."""

    def url(self, media: StoredMedia | None) -> str | None:
        """The file's URL."""
        return None if media is None else f"{self.base}/{media.key}"

    def urls(self, media: Iterable[StoredMedia]) -> tuple[str, ...]:
        """The URLs of several files."""
        return tuple(f"{self.base}/{one.key}" for one in media)

    def show(self, media: StoredMedia | MediaResourceState | None) -> MediaResourcePublic | None:
        """The file as clients see it."""
        if media is None:
            return None
        known = {name: getattr(media, name) for name in MediaResourcePublic.model_fields if name != "url"}
        return MediaResourcePublic.model_validate(known | {"url": f"{self.base}/{media.key}"})

    def show_all(self, media: Iterable[StoredMedia]) -> tuple[MediaResourcePublic, ...]:
        """Several files as clients see them."""
        return tuple(shown for one in media if (shown := self.show(one)) is not None)


class MediaInput(PublicModel):
    """A file that a request refers to: a finished temporary upload, or a resource that exists.

    Exactly one of `url` and `media_resource_id` is given. Width, height (pixels), duration
    (seconds), colours and profile are hints only: what the stored bytes are decides.
    For an existing resource only those fields that were sent say anything (`model_fields_set`),
    so that leaving out `protected` never lifts the protection.
    """

    url: str | None = Field(default=None, min_length=1)
    media_resource_id: UUID | None = None
    width: Pixels | None = None
    height: Pixels | None = None
    duration: Seconds | None = None
    dominant_color: str | None = None
    color_profile: str | None = None
    protected: bool = False
    alt_text: str | None = None
    caption: str | None = None

    @model_validator(mode="after")
    def names_exactly_one_source(self) -> Self:
        """Raise ValueError where none or both of the two sources are given."""
        if (self.url is None) == (self.media_resource_id is None):
            raise ValueError("give exactly one of url and media_resource_id")
        return self
