"""Shot types: the views that are taken of a product."""

from uuid import UUID

from atelier.contracts.enums import DefaultShotTypes, ShotTypeFraming, ViewAngle
from atelier.contracts.public.media import Cdn, MediaInput, MediaResourcePublic
from atelier.contracts.public.model import PublicEntity
from atelier.contracts.shot_types import ShotTypeState
from atelier.contracts.types import UtcDatetime


class ShotTypePublic(PublicEntity):
    """A view angle and a framing, with what generation and export need to make and name it.

    `core_focus` marks the views that the product itself is the centre of; `file_naming_convention`
    is a file name's template. `default_shot_type` is set for those that are, or stand in for, a
    standard shot type. Answers give `reference_image_url` as the URL of `reference_image`; the
    other form is for bodies that come in. Standard shot types have no owner.
    """

    name: str
    view_angle: ViewAngle
    framing: ShotTypeFraming
    shot_type_ref_image_url: str | None = None
    shot_type_prompt_instruction: str | None = None
    file_naming_convention: str | None = None
    reference_image_url: str | MediaInput | None = None
    reference_image: MediaResourcePublic | None = None
    prompt: str | None = None
    prompt_builder_section: str | None = None
    core_focus: bool = False
    default_shot_type: DefaultShotTypes | None = None
    margins: str | None = None
    public: bool = True
    owner_id: UUID | None = None
    organization_id: UUID | None = None
    deleted_at: UtcDatetime | None = None

    @classmethod
    def of(cls, state: ShotTypeState, cdn: Cdn) -> "ShotTypePublic":
        """The shot type as clients see it; `shot_type_ref_image_url` is the old name of the reference."""
        url = cdn.url(state.reference_image)
        pictures = {
            "reference_image": cdn.show(state.reference_image),
            "reference_image_url": url,
            "shot_type_ref_image_url": url,
        }
        own = {name: getattr(state, name) for name in cls.model_fields if hasattr(state, name)}
        return cls.model_validate(own | pictures)
