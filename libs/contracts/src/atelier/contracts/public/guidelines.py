"""Guidelines: the templates that looks are made from."""

from uuid import UUID

from atelier.contracts.enums import GuidelinesShotTypeRuleKind
from atelier.contracts.public.model import PublicEntity, PublicModel
from atelier.contracts.public.presets import PosePresetPublic
from atelier.contracts.public.set_designs import SetDesignPublic
from atelier.contracts.public.shot_types import ShotTypePublic
from atelier.contracts.public.subjects import SubjectPublic
from atelier.contracts.types import UtcDatetime


class GuidelinesShotTypeRuleGroup(PublicModel):
    """The shot types for products whose property `rule_kind` has the value `rule_value`."""

    rule_kind: GuidelinesShotTypeRuleKind
    rule_value: str
    shot_types: tuple[ShotTypePublic, ...]


class ShootingGuidelinesPublic(PublicEntity):
    """Everything that new looks of a shooting have in common.

    A shooting keeps a snapshot of its guidelines: that one has no owner. Back views of products
    without a back image are left out unless `allow_back_shots_without_back_image`.
    `file_format` is what generation writes, not what export delivers.
    """

    name: str
    auto_start_look_generations: bool = True
    allow_back_shots_without_back_image: bool = False
    owner_id: UUID | None = None
    organization_id: UUID | None = None
    resolution_preset_id: UUID | None
    background_preset_id: UUID | None
    set_design_id: UUID | None = None
    stylist_id: UUID | None = None
    export_configuration_id: UUID | None = None
    generative_workflow_template_id: UUID | None = None
    shot_types: tuple[ShotTypePublic, ...] = ()
    subjects: tuple[SubjectPublic, ...] = ()
    pose_presets: tuple[PosePresetPublic, ...] = ()
    set_design: SetDesignPublic | None = None
    shot_type_rules: tuple[GuidelinesShotTypeRuleGroup, ...] = ()
    file_format: str = "JPG"
    deleted_at: UtcDatetime | None = None
