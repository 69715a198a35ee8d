"""What can be done with the revisions of a shot: a chain, each behind the latest one before it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from atelier.contracts.enums import ShotStatus
from atelier.contracts.shots import ShotRevisionCreated
from atelier.production import statuses
from atelier.production.policy import Action, admit, require_unmoved, require_visible
from atelier.production.shots import pictures, repository
from atelier.production.shots.models import Revision, RevisionImage, Shot
from atelier.production.shots.pictures import Picture
from atelier.production.shots.schemas import CreateShotRevisionRequest, ShotRevisionImageData
from atelier.production.shots.transitions import Mover, require_step
from atelier.production.shots.use_cases import NO_PICTURE, WHAT, judge, locked, move
from atelier.runtime.auth import Principal
from atelier.runtime.clock import new_id
from atelier.runtime.errors import ConflictError, InvalidError, Problem
from atelier.runtime.http.versions import Expected
from atelier.runtime.media_client import MediaClient, PresignedUpload
from atelier.runtime.references import References
from atelier.runtime.unit_of_work import UnitOfWork

FOLDER = "shot-revisions"
NOT_THE_LATEST = (
    "`previous_revision_id` isn't this shot's latest revision; read the shot again and build on that one."
)


async def read(uow: UnitOfWork, principal: Principal, id_: UUID) -> Shot:
    """The shot that has this revision, if the caller may read them."""
    return require_visible(principal, await repository.get_of_revision(uow, id_), "Revision")


async def create(
    uow: UnitOfWork,
    references: References,
    media: MediaClient,
    principal: Principal,
    shot_id: UUID,
    expected: Expected,
    body: CreateShotRevisionRequest,
) -> tuple[Shot, Revision]:
    """Put a revision behind the latest one and make it the current one.

    The pictures are fetched in between two looks at the shot, the second one under its lock, so
    that nobody waits for them and no refused request leaves a file behind that could be seen before.

    Raises `ConflictError` where the shot can't make that step, was moved meanwhile, or where
    `previous_revision_id` isn't the latest revision any more; `InvalidError` at what can't be used of
    the images.
    """
    pictures.require_sources(body.images)
    seen = admit(principal, Action.WRITE, await repository.get_with_revisions(uow, shot_id), WHAT)
    expected.require(seen)
    _require_fit(seen, body)
    await uow.pause()
    found = await pictures.resolve(uow, references, media, principal, seen, body.images)
    shooting, look, shot = await locked(uow, principal, shot_id, expected)
    require_unmoved(seen, shot)
    _require_fit(shot, body)
    revision = _append(uow, principal, shot, body, found)
    await statuses.recount(uow, shooting, look)
    return shot, revision


async def presign(
    uow: UnitOfWork, media: MediaClient, principal: Principal, shot_id: UUID, filename: str, content_type: str
) -> PresignedUpload:
    """Where the caller may put the bytes of an image for a revision of this shot."""
    admit(principal, Action.WRITE, await repository.get(uow, shot_id), WHAT)
    await uow.pause()
    if not content_type.startswith("image/"):
        raise InvalidError.field("query", "content_type", msg="A revision's images are pictures.")
    try:
        return await media.presign(
            principal, filename=filename, content_type=content_type, file_size=None, folder=FOLDER
        )
    except InvalidError as refused:
        raise _of_the_query(refused) from refused


def _of_the_query(refused: InvalidError) -> InvalidError:
    """The same problems where this operation takes the fields: media reads them from a body."""
    return InvalidError([Problem(("query", *one.loc[1:]), one.msg, one.type) for one in refused.problems])


def _require_fit(shot: Shot, body: CreateShotRevisionRequest) -> None:
    latest = shot.latest_revision()
    if body.previous_revision_id is not None and (latest is None or latest.id != body.previous_revision_id):
        raise ConflictError(NOT_THE_LATEST)
    if body.shot_status != shot.status:
        require_step(shot.status, body.shot_status, Mover.REVISION)
    if body.shot_status == ShotStatus.APPROVED and not body.images:
        raise ConflictError(NO_PICTURE)


def _append(
    uow: UnitOfWork,
    principal: Principal,
    shot: Shot,
    body: CreateShotRevisionRequest,
    found: Sequence[Picture],
) -> Revision:
    """Put the revision at the end of a locked shot's chain, and let the shot make its step."""
    revision = _revision(uow, principal, shot, body)
    revision.images = [
        _image(uow, revision, position, image, picture)
        for position, (image, picture) in enumerate(zip(body.images, found, strict=True))
    ]
    shot.revisions.append(revision)
    shot.current_revision_id = revision.id
    uow.emit(shot, ShotRevisionCreated, revision_id=revision.id)
    if body.shot_status == shot.status:
        judge(uow, shot)
    else:
        move(uow, shot, body.shot_status)
    return revision


def _revision(uow: UnitOfWork, principal: Principal, shot: Shot, body: CreateShotRevisionRequest) -> Revision:
    assert principal.user_id is not None, "a user asks"
    latest = shot.latest_revision()
    return Revision(
        id=new_id(),
        shot_id=shot.id,
        version=1 if latest is None else latest.version + 1,
        created_at=uow.now,
        updated_at=uow.now,
        owner_id=principal.user_id,
        shot_status=body.shot_status.value,
        notes=body.notes,
        previous_revision_id=None if latest is None else latest.id,
    )


def _image(
    uow: UnitOfWork, revision: Revision, position: int, image: ShotRevisionImageData, picture: Picture
) -> RevisionImage:
    return RevisionImage(
        id=picture.id,
        revision_id=revision.id,
        position=position,
        created_at=uow.now,
        updated_at=uow.now,
        source_type=image.source_type.value,
        autogenerated=image.autogenerated or False,
        prediction_id=image.prediction_id,
        refine_id=image.refine_id,
        image=picture.image.model_dump(mode="json"),
        sketch=None if picture.sketch is None else picture.sketch.model_dump(mode="json"),
        notes=image.notes,
    )
