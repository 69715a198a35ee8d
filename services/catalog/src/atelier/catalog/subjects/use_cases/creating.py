"""Making subjects."""

from __future__ import annotations

from uuid import UUID

from atelier.catalog.pictures import SentPictures
from atelier.catalog.policy import ADMINISTRATORS_ONLY, require_settable
from atelier.catalog.subjects.models import Subject
from atelier.catalog.subjects.schemas import SubjectCreate
from atelier.catalog.subjects.use_cases.base_images import NewBaseImage, new_base_images
from atelier.catalog.subjects.use_cases.measurements import measured
from atelier.catalog.subjects.use_cases.slugs import flush, slug_for
from atelier.contracts.subjects import SubjectCreated, SubjectState
from atelier.runtime import tenancy
from atelier.runtime.auth import Principal
from atelier.runtime.clock import new_id
from atelier.runtime.media_client import MediaClient
from atelier.runtime.references import References
from atelier.runtime.unit_of_work import UnitOfWork

UNTRAINED = {"local_model_path": None, "lora_status": "none", "lora_trigger": None}


async def create(
    uow: UnitOfWork,
    references: References,
    media: MediaClient,
    principal: Principal,
    organization_id: UUID | None,
    body: SubjectCreate,
) -> Subject:
    """Create a subject, personal or of an organization in which the caller may create."""
    sent = body.sent()
    require_settable(principal, UNTRAINED, {name: getattr(body, name) for name in ADMINISTRATORS_ONLY})
    await tenancy.verify(uow, references, principal, tenancy.named(organization_id, sent))
    ownership = tenancy.place(principal, organization_id, sent)
    assert ownership.owner_id is not None, "a user asks"
    id_, new = new_id(), await new_base_images(uow, ownership, body.base_images or ())
    await uow.pause()
    pictures = await _sent_pictures(id_, body, new).ingest(media, principal, ownership)
    subject = Subject(
        id=id_,
        created_at=uow.now,
        updated_at=uow.now,
        owner_id=ownership.owner_id,
        organization_id=ownership.organization_id,
        public=body.public,
        name=body.name,
        surname=body.surname,
        slug=await slug_for(uow, ownership, body.name),
        description=body.description,
        age_class=body.age_class,
        gender=body.gender,
        subject_type=body.subject_type,
        body_type=body.body_type,
        ethnicity=body.ethnicity,
        positive_prompt=body.positive_prompt,
        negative_prompt=body.negative_prompt,
        lora_status=body.lora_status,
        lora_trigger=body.lora_trigger,
        local_model_path=body.local_model_path,
        cover_image=pictures.one("cover_image"),
        portrait_image=pictures.one("portrait_image"),
        data_images=pictures.several("data_images"),
        portfolio_images=pictures.several("portfolio_images"),
        base_images=[one.with_picture(pictures) for one in new],
        measurements=measured(None, body.measurements),
    )
    uow.add(subject)
    uow.emit(subject, SubjectCreated)
    await flush(uow)
    return subject


def _sent_pictures(id_: UUID, body: SubjectCreate, new: list[NewBaseImage]) -> SentPictures:
    sent = SentPictures(SubjectState, id_, "SUBJECT")
    sent.one("cover_image", body.cover_image)
    sent.one("portrait_image", body.portrait_image)
    sent.several("data_images", body.data_images)
    sent.several("portfolio_images", body.portfolio_images)
    for one in new:
        one.send(sent)
    return sent
