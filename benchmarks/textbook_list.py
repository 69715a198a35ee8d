"""The list of a shooting's looks as tutorials write it: relations, response model, default encoder."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeVar
from uuid import UUID

from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, foreign, relationship, remote, selectinload

from atelier.contracts.media import StoredMedia
from atelier.contracts.model import State
from atelier.contracts.products import ProductState
from atelier.contracts.public.looks import ShootingLookPublic
from atelier.contracts.public.media import Cdn
from atelier.contracts.public.people import UserSummary
from atelier.contracts.public.shot_types import ShotTypePublic
from atelier.contracts.public.shots import ShotPublic, ShotRevisionImagePublic, ShotRevisionPublic
from atelier.contracts.shot_types import ShotTypeState
from atelier.contracts.subjects import SubjectState
from atelier.contracts.users import UserState
from atelier.production.looks import models as looks
from atelier.production.looks.schemas import ShootingLooksPublic
from atelier.production.progress import status_at
from atelier.production.shots import models as shots
from atelier.runtime.tables import ReplicaRow

S = TypeVar("S", bound=State)


class Textbook(DeclarativeBase):
    """Production's tables, mapped as a tutorial maps them."""

    metadata = looks.Look.metadata


class Image(Textbook):
    """A revision's image."""

    __table__ = shots.RevisionImage.__table__


class Revision(Textbook):
    """A shot's revision."""

    __table__ = shots.Revision.__table__
    images: Mapped[list[Image]] = relationship(Image, order_by=Image.position, viewonly=True)


class Shot(Textbook):
    """A look's shot."""

    __table__ = shots.Shot.__table__
    revisions: Mapped[list[Revision]] = relationship(Revision, order_by=Revision.version, viewonly=True)


class Look(Textbook):
    """A look."""

    __table__ = looks.Look.__table__
    shots: Mapped[list[Shot]] = relationship(
        Shot,
        primaryjoin=lambda: foreign(remote(Shot.look_id)) == Look.id,
        order_by=Shot.id,
        viewonly=True,
    )


def application(engine: AsyncEngine, cdn: Cdn) -> FastAPI:
    """An application with that one operation, without login."""
    app, sessions = FastAPI(), async_sessionmaker(engine)

    @app.get("/api/v1/shootings/{shooting_id}/looks")
    async def list_looks(shooting_id: UUID, skip: int = 0, limit: int = 100) -> ShootingLooksPublic:
        of_shooting = select(Look).where(Look.shooting_id == shooting_id)
        newest = of_shooting.order_by(Look.created_at.desc(), Look.id.desc()).offset(skip).limit(limit)
        nested = selectinload(Look.shots).selectinload(Shot.revisions).selectinload(Revision.images)
        async with sessions() as session:
            found = (await session.scalars(newest.options(nested))).all()
            count = await session.scalar(select(func.count()).select_from(of_shooting.subquery()))
            shown = _Shown(
                cdn,
                products=await _replicas(session, ProductState, {look.product_id for look in found}),
                subjects=await _replicas(session, SubjectState, {look.subject_id for look in found}),
                shot_types=await _replicas(
                    session, ShotTypeState, {shot.shot_type_id for look in found for shot in look.shots}
                ),
                users=await _replicas(session, UserState, {look.owner_id for look in found}),
            )
        return ShootingLooksPublic(data=[shown.look(look) for look in found], count=count or 0)

    return app


async def _replicas(session: AsyncSession, state: type[S], ids: Collection[UUID]) -> dict[UUID, S]:
    rows = await session.scalars(
        select(ReplicaRow).where(ReplicaRow.kind == state.kind, ReplicaRow.id.in_(ids))
    )
    return {row.id: state.model_validate(row.state) for row in rows}


class _Shown:
    """Makes the public models."""

    def __init__(
        self,
        cdn: Cdn,
        *,
        products: Mapping[UUID, ProductState],
        subjects: Mapping[UUID, SubjectState],
        shot_types: Mapping[UUID, ShotTypeState],
        users: Mapping[UUID, UserState],
    ) -> None:
        self._cdn = cdn
        self._products = products
        self._subjects = subjects
        self._shot_types = shot_types
        self._users = users

    def look(self, look: Look) -> ShootingLookPublic:
        """A look with all that is in it."""
        product, subject = self._products[look.product_id], self._subjects[look.subject_id]
        own = {name: getattr(look, name) for name in LOOK_COLUMNS}
        return ShootingLookPublic(
            **own,
            subject_name=subject.name,
            product_name=product.name,
            product_sku=product.sku,
            product_cover_image_url=self._cdn.url(product.cover_image),
            shot_status=status_at(look.shot_progress),
            shots=tuple(self._shot(shot) for shot in look.shots),
            outfit_ref_imgs_urls=(),
            outfit_instruction=None,
            outfit_product_ids=(),
        )

    def _shot(self, shot: Shot) -> ShotPublic:
        return ShotPublic(
            id=shot.id,
            created_at=shot.created_at,
            updated_at=shot.updated_at,
            shooting_look_id=shot.look_id,
            shot_type=ShotTypePublic.of(self._shot_types[shot.shot_type_id], self._cdn),
            pose_preset_id=shot.pose_preset_id,
            status=shot.status,
            rework_available=shot.rework_available,
            rework_used=shot.rework_used,
            current_revision_id=shot.current_revision_id,
            revisions=tuple(self._revision(revision) for revision in shot.revisions),
        )

    def _revision(self, revision: Revision) -> ShotRevisionPublic:
        images = tuple(self._image(image) for image in revision.images)
        return ShotRevisionPublic(
            id=revision.id,
            created_at=revision.created_at,
            updated_at=revision.updated_at,
            shot_id=revision.shot_id,
            version=revision.version,
            display_name=f"v{revision.version}",
            notes=revision.notes,
            shot_status=revision.shot_status,
            shot_revision_status=revision.shot_revision_status,
            owner_id=revision.owner_id,
            owner=UserSummary.model_validate(self._users[revision.owner_id]),
            previous_revision_id=revision.previous_revision_id,
            images=images,
            effective_image_url=images[0].effective_image_url if images else None,
            push_status=None,
        )

    def _image(self, image: Image) -> ShotRevisionImagePublic:
        picture = None if image.image is None else StoredMedia.model_validate(image.image)
        return ShotRevisionImagePublic(
            id=image.id,
            created_at=image.created_at,
            updated_at=image.updated_at,
            shot_revision_id=image.revision_id,
            source_type=image.source_type,
            autogenerated=image.autogenerated,
            prediction_id=image.prediction_id,
            image_url=self._cdn.url(picture),
            image_media=self._cdn.show(picture),
            effective_image_url=self._cdn.url(picture),
            notes=image.notes,
        )


LOOK_COLUMNS = ShootingLookPublic.model_fields.keys() & {
    column.name for column in looks.Look.__table__.columns
}
