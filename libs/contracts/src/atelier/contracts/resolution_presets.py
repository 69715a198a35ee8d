"""Resolution presets, as catalog owns them."""

from typing import ClassVar

from atelier.contracts.model import Event, State


class ResolutionPresetState(State):
    """A named picture size; `width` and `height` in pixels."""

    kind: ClassVar[str] = "resolution-presets"

    name: str
    width: int
    height: int


class ResolutionPresetCreated(Event[ResolutionPresetState]):
    """A preset exists."""


class ResolutionPresetUpdated(Event[ResolutionPresetState]):
    """Name, size, owner or organization changed."""


class ResolutionPresetDeleted(Event[ResolutionPresetState]):
    """The preset may not be used anew; what refers to it goes on showing it."""


class ResolutionPresetRestored(Event[ResolutionPresetState]):
    """A deleted preset is back."""
