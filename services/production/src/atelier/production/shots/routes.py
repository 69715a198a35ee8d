"""HTTP to use case, for shots and their revisions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query

from atelier.contracts.enums import ShotStatus
from atelier.contracts.public.media import Cdn
from atelier.contracts.public.shots import ShotPublic, ShotRevisionPublic
from atelier.production.shots import revisions, use_cases
from atelier.production.shots.answers import show_revision, show_shots
from atelier.production.shots.models import Shot
from atelier.production.shots.repository import ShotFilter
from atelier.production.shots.schemas import CreateShotRevisionRequest, RevisionUpload, ShotsPublic
from atelier.runtime.errors import NotFoundError
from atelier.runtime.http import access
from atelier.runtime.http.app import api_router
from atelier.runtime.http.dependencies import CurrentCdn, CurrentMedia, CurrentReferences
from atelier.runtime.http.pages import Paged
from atelier.runtime.http.prepared import PreparedAnswer
from atelier.runtime.http.route import CurrentPrincipal, Uow
from atelier.runtime.http.scope import ListScope, OrganizationQuery
from atelier.runtime.http.versions import IfMatch, tag
from atelier.runtime.references import References
from atelier.runtime.unit_of_work import UnitOfWork

router = api_router("/shots", "shots")
of_products = api_router("/products", "shots")

PathId = Annotated[UUID, Path(alias="id")]
TypeQuery = Annotated[
    UUID | str | None, Query(union_mode="left_to_right", description="A shot type's id or name.")
]
StatusQuery = Annotated[ShotStatus | None, Query()]


@router.get("/revisions/upload-url", openapi_extra=access.MEMBERS_WRITE)
async def presign_revision_image(
    uow: Uow,
    media: CurrentMedia,
    principal: CurrentPrincipal,
    shot_id: UUID,
    filename: Annotated[str, Query(min_length=1, max_length=255)],
    content_type: Annotated[str, Query(max_length=255)] = "image/jpeg",
) -> RevisionUpload:
    """Ask where to put the bytes of an image for a revision; its `file_url` then goes into the revision."""
    upload = await revisions.presign(uow, media, principal, shot_id, filename, content_type)
    return RevisionUpload.model_validate(asdict(upload))


@router.get("/revisions/{revision_id}", response_model=ShotRevisionPublic, openapi_extra=access.MEMBERS_READ)
async def read_shot_revision(
    revision_id: UUID,
    uow: Uow,
    references: CurrentReferences,
    cdn: CurrentCdn,
    principal: CurrentPrincipal,
) -> PreparedAnswer:
    """Read one revision; its ETag is that of its shot."""
    shot = await revisions.read(uow, principal, revision_id)
    return _tagged(shot, PreparedAnswer(await show_revision(uow, references, cdn, revision_id)))


@router.get("/", response_model=ShotsPublic, openapi_extra=access.MEMBERS_LIST)
async def list_shots(
    uow: Uow,
    references: CurrentReferences,
    cdn: CurrentCdn,
    principal: CurrentPrincipal,
    scope: ListScope,
    page: Paged,
    has_generations: bool | None = None,
    product_id: UUID | None = None,
    shooting_id: UUID | None = None,
    shooting_look_id: UUID | None = None,
    shot_type: TypeQuery = None,
    status: StatusQuery = None,
) -> PreparedAnswer:
    """List an organization's shots, or one's own, newest first."""
    narrowed = ShotFilter(
        has_generations=has_generations,
        product_id=product_id,
        shooting_id=shooting_id,
        look_id=shooting_look_id,
        shot_type=shot_type,
        status=status,
    )
    shots, count = await use_cases.list_(uow, principal, scope, narrowed, page)
    return await _page(uow, references, cdn, shots, count)


@router.get("/{shot_id}", response_model=ShotPublic, openapi_extra=access.MEMBERS_READ)
async def read_shot(
    shot_id: UUID,
    uow: Uow,
    references: CurrentReferences,
    cdn: CurrentCdn,
    principal: CurrentPrincipal,
) -> PreparedAnswer:
    """Read one shot with its revisions."""
    shot = await use_cases.read(uow, principal, shot_id)
    return await _one(uow, references, cdn, shot)


@router.post("/{id}/approve", response_model=ShotPublic, openapi_extra=access.MEMBERS_WRITE)
async def approve_shot(
    shot_id: PathId,
    uow: Uow,
    references: CurrentReferences,
    cdn: CurrentCdn,
    principal: CurrentPrincipal,
    expected: IfMatch,
) -> PreparedAnswer:
    """Approve a shot: its current revision is what will be delivered."""
    shot = await use_cases.approve(uow, principal, shot_id, expected)
    return await _one(uow, references, cdn, shot)


@router.post("/{id}/reject", response_model=ShotPublic, openapi_extra=access.MEMBERS_WRITE)
async def reject_shot(
    shot_id: PathId,
    uow: Uow,
    references: CurrentReferences,
    cdn: CurrentCdn,
    principal: CurrentPrincipal,
    expected: IfMatch,
) -> PreparedAnswer:
    """Reject a shot with its current revision; from post-production to its own kind of rejection."""
    shot = await use_cases.reject(uow, principal, shot_id, expected)
    return await _one(uow, references, cdn, shot)


@router.post(
    "/{shot_id}/revision",
    status_code=201,
    response_model=ShotRevisionPublic,
    openapi_extra=access.MEMBERS_WRITE,
)
async def create_shot_revision(
    shot_id: UUID,
    body: CreateShotRevisionRequest,
    uow: Uow,
    references: CurrentReferences,
    media: CurrentMedia,
    cdn: CurrentCdn,
    principal: CurrentPrincipal,
    expected: IfMatch,
) -> PreparedAnswer:
    """Put a new attempt behind the latest one, and give the shot the status that it says."""
    shot, revision = await revisions.create(uow, references, media, principal, shot_id, expected, body)
    answer = PreparedAnswer(await show_revision(uow, references, cdn, revision.id), status_code=201)
    return _tagged(shot, answer)


@of_products.get("/{product_id}/shots", response_model=ShotsPublic, openapi_extra=access.MEMBERS_READ)
async def list_product_shots(
    product_id: UUID,
    uow: Uow,
    references: CurrentReferences,
    cdn: CurrentCdn,
    principal: CurrentPrincipal,
    page: Paged,
    organization_id: OrganizationQuery = None,
    shot_type: TypeQuery = None,
    status: StatusQuery = None,
) -> PreparedAnswer:
    """List the shots of looks with this product, newest first."""
    narrowed = ShotFilter(product_id=product_id, shot_type=shot_type, status=status)
    shots, count = await use_cases.list_of_product(
        uow, references, principal, product_id, organization_id, narrowed, page
    )
    return await _page(uow, references, cdn, shots, count)


async def _page(
    uow: UnitOfWork, references: References, cdn: Cdn, shots: Sequence[Shot], count: int
) -> PreparedAnswer:
    return PreparedAnswer({"data": await show_shots(uow, references, cdn, shots), "count": count})


async def _one(uow: UnitOfWork, references: References, cdn: Cdn, shot: Shot) -> PreparedAnswer:
    shown = await show_shots(uow, references, cdn, [shot])
    if not shown:
        raise NotFoundError.of(use_cases.WHAT)
    return _tagged(shot, PreparedAnswer(shown[0]))


def _tagged(shot: Shot, answer: PreparedAnswer) -> PreparedAnswer:
    tag(answer, shot)
    return answer
