"""Presets: sizes, backgrounds and poses to choose from."""

from uuid import UUID

from atelier.contracts.background_presets import BackgroundPresetState
from atelier.contracts.enums import BackgroundFixStrategy, ShotTypeFraming
from atelier.contracts.public.media import Cdn, MediaResourcePublic
from atelier.contracts.public.model import PublicEntity
from atelier.contracts.types import UtcDatetime


class ResolutionPresetPublic(PublicEntity):
    """A named picture size in pixels."""

    name: str
    width: int
    height: int
    owner_id: UUID
    organization_id: UUID | None = None
    deleted_at: UtcDatetime | None = None


class BackgroundPresetFramingPublic(PublicEntity):
    """The background for one framing; the one without framing serves all the others."""

    framing: ShotTypeFraming | None = None
    image_url: str | None = None
    image_media: MediaResourcePublic | None = None


class BackgroundPresetPublic(PublicEntity):
    """A named background with a picture per framing; the first picture is its cover."""

    name: str
    framings: tuple[BackgroundPresetFramingPublic, ...] = ()
    cover_image_url: str | None = None
    strategy: BackgroundFixStrategy | None
    owner_id: UUID
    organization_id: UUID | None = None
    deleted_at: UtcDatetime | None = None

    @classmethod
    def of(cls, state: BackgroundPresetState, cdn: Cdn) -> "BackgroundPresetPublic":
        """The preset as clients see it."""
        framings = tuple(
            {
                "id": framing.id,
                "created_at": framing.created_at,
                "updated_at": framing.updated_at,
                "framing": framing.framing,
                "image_url": cdn.url(framing.image),
                "image_media": cdn.show(framing.image),
            }
            for framing in state.framings
        )
        cover = next((cdn.url(framing.image) for framing in state.framings), None)
        own = {name: getattr(state, name) for name in cls.model_fields if hasattr(state, name)}
        return cls.model_validate(own | {"framings": framings, "cover_image_url": cover})


class PosePresetPublic(PublicEntity):
    """A pose for one shot type, told by a picture, a prompt or both."""

    name: str
    shot_type_id: UUID
    prompt: str | None = None
    pose_image_url: str | None = None
    pose_image_media: MediaResourcePublic | None = None
    owner_id: UUID
    organization_id: UUID | None = None
    deleted_at: UtcDatetime | None = None
