"""Changing subjects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from atelier.catalog.pictures import Pictures, SentPictures
from atelier.catalog.policy import ADMINISTRATORS_ONLY, require_settable
from atelier.catalog.subjects.models import Subject
from atelier.catalog.subjects.schemas import SubjectUpdate
from atelier.catalog.subjects.use_cases.finding import changeable, locked
from atelier.catalog.subjects.use_cases.measurements import measured
from atelier.catalog.subjects.use_cases.slugs import flush, slug_after
from atelier.contracts.subjects import SubjectState, SubjectUpdated
from atelier.runtime import tenancy
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Ownership
from atelier.runtime.entities import change
from atelier.runtime.errors import ConflictError
from atelier.runtime.http.versions import Expected
from atelier.runtime.media_client import MediaClient
from atelier.runtime.references import References
from atelier.runtime.unit_of_work import UnitOfWork

REQUIRED = ("name", "age_class", "gender", "public", "lora_status")
CLEARABLE = (
    "surname",
    "description",
    "body_type",
    "ethnicity",
    "positive_prompt",
    "negative_prompt",
    "lora_trigger",
    "local_model_path",
)


async def update(
    uow: UnitOfWork,
    references: References,
    media: MediaClient,
    principal: Principal,
    id_: UUID,
    organization_id: UUID | None,
    expected: Expected,
    body: SubjectUpdate,
) -> Subject:
    """Change what is sent; a change of nothing is none, without a new version.

    Raises `ConflictError` where it is to be ready and lacks the pictures for that.
    """
    sent = body.sent()
    tenancy.same_organization(organization_id, sent)
    await tenancy.verify(uow, references, principal, sent)
    pictures = await _ingested(uow, media, principal, id_, organization_id, expected, body)
    subject = await locked(uow, principal, id_, organization_id, expected)
    ownership = _ownership_after(principal, subject, sent)
    pictures.require_stored_for(ownership)
    changes = _changes(sent) | _changed_parts(subject, sent, pictures)
    changes |= {"owner_id": ownership.owner_id, "organization_id": ownership.organization_id}
    changes["slug"] = await slug_after(uow, subject, changes.get("name", subject.name), ownership)
    if change(subject, changes):
        uow.emit(subject, SubjectUpdated)
        await flush(uow)
    if sent.get("ready") and not subject.has_pictures:
        raise ConflictError("A subject is ready once it has a cover image and at least one base image.")
    return subject


async def _ingested(
    uow: UnitOfWork,
    media: MediaClient,
    principal: Principal,
    id_: UUID,
    organization_id: UUID | None,
    expected: Expected,
    body: SubjectUpdate,
) -> Pictures:
    """The pictures of the body, stored for whose the subject will be; no transaction waits meanwhile."""
    sent = _sent_pictures(id_, body)
    if not sent:
        return Pictures.none()
    subject = await changeable(uow, principal, id_, organization_id, expected)
    ownership = _ownership_after(principal, subject, body.sent())
    await uow.pause()
    return await sent.ingest(media, principal, ownership)


def _sent_pictures(id_: UUID, body: SubjectUpdate) -> SentPictures:
    sent = SentPictures(SubjectState, id_, "SUBJECT")
    sent.one("cover_image", body.cover_image)
    sent.one("portrait_image", body.portrait_image)
    sent.several("data_images", body.data_images)
    sent.several("portfolio_images", body.portfolio_images)
    return sent


def _ownership_after(principal: Principal, subject: Subject, sent: Mapping[str, Any]) -> Ownership:
    """Whose it is after the change, if the caller may change all that they sent."""
    before = {name: getattr(subject, name) for name in ADMINISTRATORS_ONLY}
    require_settable(principal, before, _changes(sent))
    return tenancy.move(principal, subject, sent)


def _changes(sent: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent of the plain fields; null clears where the answer may be null."""
    changes = {name: sent[name] for name in CLEARABLE if name in sent}
    return changes | {name: sent[name] for name in REQUIRED if sent.get(name) is not None}


def _changed_parts(subject: Subject, sent: Mapping[str, Any], pictures: Pictures) -> dict[str, Any]:
    """What is sent of pictures, measurements and readiness."""
    parts: dict[str, Any] = {
        name: pictures.one(name) for name in ("cover_image", "portrait_image") if name in sent
    }
    if sent.get("data_images") is not None:
        parts["data_images"] = pictures.several("data_images")
    if "portfolio_images" in sent:
        parts["portfolio_images"] = pictures.several("portfolio_images")
    if "measurements" in sent:
        parts["measurements"] = measured(subject.measurements, sent["measurements"])
    if sent.get("ready") is not None:
        parts["held_back"] = not sent["ready"]
    return parts
