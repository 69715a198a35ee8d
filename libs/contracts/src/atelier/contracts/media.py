"""Stored files, as media owns them and as everybody else carries them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, NamedTuple
from uuid import UUID

from atelier.contracts.enums import MediaOrientation, MediaResourceType
from atelier.contracts.model import Contract, Event, Open, State
from atelier.contracts.types import UtcDatetime


class StoredMedia(Contract):
    """A stored file as ingest answered it: what holders carry in their own state.

    `key` is where it is in the bucket; absolute URLs are made from it at the edge. Texts and
    protection may be as old as the holder's last write. Width and height are in pixels as the
    picture is shown, `file_size` in bytes, `duration` in seconds; `crc32` is that of the
    stored bytes, which lets an archive hold them without reading them first.
    """

    id: UUID
    created_at: UtcDatetime
    resource_type: Open[MediaResourceType]
    key: str
    content_type: str
    content_hash: str
    """MD5 in hex, as clients know it."""
    sha256: str
    """In hex; together with the size it decides what is the same content."""
    crc32: int
    extension: str
    file_size: int
    width: int | None = None
    height: int | None = None
    aspect_ratio: float | None = None
    orientation: Open[MediaOrientation] | None = None
    dominant_color: str | None = None
    color_profile: str | None = None
    duration: float | None = None
    protected: bool = False
    alt_text: str | None = None
    caption: str | None = None


class Attached(NamedTuple):
    """One use of a file: by which entity, in which slot, at which position (None in a slot for one)."""

    entity_type: str
    entity_id: UUID
    slot: str
    position: int | None
    media: StoredMedia


class Attaching(State):
    """A state that holds files; media keeps its attachments as these states say."""

    def attached(self) -> Iterator[Attached]:
        """Every use of a file in this aggregate."""
        raise AssertionError(f"{type(self).__name__} doesn't say what it holds")


def one(entity_type: str, entity_id: UUID, slot: str, media: StoredMedia | None) -> Iterator[Attached]:
    """The use of a slot for one file, if there is one in it."""
    if media is not None:
        yield Attached(entity_type, entity_id, slot, None, media)


def several(
    entity_type: str, entity_id: UUID, slot: str, media: tuple[StoredMedia, ...]
) -> Iterator[Attached]:
    """The uses of a slot that holds a list, by position from 0."""
    for position, file in enumerate(media):
        yield Attached(entity_type, entity_id, slot, position, file)


class MediaResourceState(State):
    """A stored file. The same content is stored once inside a tenant."""

    kind: ClassVar[str] = "media-resources"

    resource_type: Open[MediaResourceType]
    key: str
    content_type: str
    content_hash: str
    sha256: str
    crc32: int
    extension: str
    file_size: int
    width: int | None = None
    height: int | None = None
    aspect_ratio: float | None = None
    orientation: Open[MediaOrientation] | None = None
    dominant_color: str | None = None
    color_profile: str | None = None
    duration: float | None = None
    protected: bool = False
    alt_text: str | None = None
    caption: str | None = None

    def stored(self) -> StoredMedia:
        """The file as its holders carry it."""
        return StoredMedia.model_validate(self)


class MediaIngested(Event[MediaResourceState]):
    """A file is stored that this tenant didn't have yet."""


class MediaUpdated(Event[MediaResourceState]):
    """Texts, protection or the tenant changed; never the bytes."""


class MediaDeleted(Event[MediaResourceState]):
    """Nothing was attached to it any more; the bytes are gone."""
