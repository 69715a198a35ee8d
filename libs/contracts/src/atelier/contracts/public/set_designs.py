"""Set designs: the scenery that pictures are taken in."""

from uuid import UUID

from atelier.contracts.public.media import MediaResourcePublic
from atelier.contracts.public.model import PublicEntity
from atelier.contracts.types import UtcDatetime


class SetReferenceImagePublic(PublicEntity):
    """A picture of the scenery as one shot type sees it."""

    shot_type_id: UUID
    label: str | None = None
    image_url: str | None = None
    image_media: MediaResourcePublic | None = None


class SetBaseImagePublic(PublicEntity):
    """A subject already placed in the scenery for one shot type.

    `variant_index` tells apart several of the same subject and shot type.
    """

    shot_type_id: UUID
    subject_id: UUID
    variant_index: int
    image_url: str | None = None
    image_media: MediaResourcePublic | None = None


class SubjectPortraitPublic(PublicEntity):
    """A subject's face in the light of the scenery."""

    subject_id: UUID
    image_media: MediaResourcePublic | None = None


class SetDesignPublic(PublicEntity):
    """A scenery with its pictures, those of subjects in it, and maybe a background preset."""

    name: str
    description: str | None = None
    background_preset_id: UUID | None = None
    reference_images: tuple[SetReferenceImagePublic, ...]
    base_images: tuple[SetBaseImagePublic, ...]
    subject_portraits: tuple[SubjectPortraitPublic, ...]
    owner_id: UUID
    organization_id: UUID | None = None
    deleted_at: UtcDatetime | None = None
