"""Background presets, as catalog owns them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar
from uuid import UUID

from atelier.contracts.enums import BackgroundFixStrategy, ShotTypeFraming
from atelier.contracts.media import Attached, Attaching, StoredMedia, one
from atelier.contracts.model import Contract, Event, Open
from atelier.contracts.types import UtcDatetime


class BackgroundFramingState(Contract):
    """The background for one framing; the one without a framing serves all the others."""

    id: UUID
    created_at: UtcDatetime
    updated_at: UtcDatetime
    framing: Open[ShotTypeFraming] | None = None
    image: StoredMedia


class BackgroundPresetState(Attaching):
    """A named background with a picture per framing."""

    kind: ClassVar[str] = "background-presets"

    name: str
    strategy: Open[BackgroundFixStrategy] | None = None
    framings: tuple[BackgroundFramingState, ...] = ()

    def attached(self) -> Iterator[Attached]:
        """The picture of each framing, which is an entity of its own."""
        for framing in self.framings:
            yield from one("BACKGROUND_PRESET_FRAMING", framing.id, "image", framing.image)

    def image_for(self, framing: str) -> StoredMedia | None:
        """The picture behind a shot of that framing; the one without framing where it has none."""
        images = {entry.framing: entry.image for entry in self.framings}
        return images.get(framing, images.get(None))


class BackgroundPresetCreated(Event[BackgroundPresetState]):
    """A preset exists."""


class BackgroundPresetUpdated(Event[BackgroundPresetState]):
    """Name, pictures, owner or organization changed."""
