"""Shot types, as catalog owns them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from atelier.contracts.enums import DefaultShotTypes, ShotTypeFraming, ViewAngle
from atelier.contracts.media import Attached, Attaching, StoredMedia, one
from atelier.contracts.model import Event, Open


class ShotTypeState(Attaching):
    """A view that is taken of a product: a view angle and a framing. The standard ones have no owner."""

    kind: ClassVar[str] = "shot-types"

    name: str
    view_angle: Open[ViewAngle]
    framing: Open[ShotTypeFraming]
    shot_type_prompt_instruction: str | None = None
    file_naming_convention: str | None = None
    reference_image: StoredMedia | None = None
    prompt: str | None = None
    prompt_builder_section: str | None = None
    core_focus: bool = False
    default_shot_type: Open[DefaultShotTypes] | None = None
    margins: str | None = None

    def attached(self) -> Iterator[Attached]:
        """The reference image."""
        yield from one("SHOT_TYPE", self.id, "reference_image", self.reference_image)


class ShotTypeCreated(Event[ShotTypeState]):
    """A shot type exists."""
