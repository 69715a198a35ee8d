"""The standard shot types: public, nobody's, and with the same ids everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

from atelier.contracts.enums import DefaultShotTypes, ShotTypeFraming, ViewAngle

NAMESPACE = UUID("6f1d3a1e-52c7-4b7e-9c1a-6a7b4d0f2e11")
"""Of the ids, which are made from the names; never to be changed."""

ANGLES = {
    ViewAngle.FRONT: "facing the camera",
    ViewAngle.BACK: "seen from behind, the back towards the camera",
    ViewAngle.LEFT: "seen from the left side, in profile",
    ViewAngle.RIGHT: "seen from the right side, in profile",
    ViewAngle.THREE_QUARTER: "turned halfway to the side",
    ViewAngle.TOP: "seen from above",
}
FRAMINGS = {
    ShotTypeFraming.FULL_BODY: "the whole body from head to feet",
    ShotTypeFraming.UPPER_BODY: "the upper body from head to hips",
    ShotTypeFraming.LOWER_BODY: "the lower body from waist to feet",
    ShotTypeFraming.CLOSE_UP: "close up on the garment as it is worn",
    ShotTypeFraming.DETAIL: "a detail of the garment, its material filling the picture",
}
OF_THE_PRODUCT = frozenset({ShotTypeFraming.CLOSE_UP, ShotTypeFraming.DETAIL})
"""The framings that the product itself is the centre of."""


@dataclass(frozen=True)
class Standard:
    """One of them, as its name says it."""

    name: DefaultShotTypes

    @property
    def id(self) -> UUID:
        """The same in every installation."""
        return uuid5(NAMESPACE, self.name.value)

    @property
    def view_angle(self) -> ViewAngle:
        """What the name begins with."""
        return next(angle for angle in ViewAngle if self.name.startswith(f"{angle}_"))

    @property
    def framing(self) -> ShotTypeFraming:
        """What the name ends with."""
        return ShotTypeFraming(self.name.removeprefix(f"{self.view_angle}_"))

    @property
    def prompt(self) -> str:
        """What a picture of it shows."""
        return f"The model is {ANGLES[self.view_angle]}; {FRAMINGS[self.framing]}."

    @property
    def instruction(self) -> str:
        """How the frame is filled."""
        filled = "the garment fills" if self.core_focus else "the figure stands upright in"
        return f"{FRAMINGS[self.framing].capitalize()}; {filled} the frame and nothing of it is cut off."

    @property
    def core_focus(self) -> bool:
        """Whether the product itself is the centre."""
        return self.framing in OF_THE_PRODUCT

    @property
    def file_naming_convention(self) -> str:
        """The template of a file's name."""
        return f"{{product_sku}}_{self.name}"


STANDARD = tuple(Standard(name) for name in DefaultShotTypes)
