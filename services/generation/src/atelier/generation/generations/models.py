"""Rows of generations and predictions, and the steps they can make."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Integer, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from atelier.contracts.enums import ErrorCategory, GenerationStatus, PredictionStatus
from atelier.contracts.generation_requests import GenerationRequest
from atelier.contracts.generations import GenerationState, PredictionState
from atelier.contracts.media import StoredMedia
from atelier.runtime.database import Row
from atelier.runtime.entities import Entity

STEPS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        PredictionStatus.PENDING: frozenset({PredictionStatus.PROCESSING, PredictionStatus.CANCELLED}),
        PredictionStatus.PROCESSING: frozenset(
            {PredictionStatus.COMPLETED, PredictionStatus.FAILED, PredictionStatus.CANCELLED}
        ),
        PredictionStatus.COMPLETED: frozenset(),
        PredictionStatus.FAILED: frozenset(),
        PredictionStatus.CANCELLED: frozenset(),
    }
)
"""Which status a prediction can go on to. A generation's status isn't stepped: `status_of` reads it off."""


def status_of(predictions: Collection[str]) -> GenerationStatus:
    """What the statuses of its predictions make of a generation.

    One that was cancelled stays cancelled whatever was ready by then; else one picture is enough.
    """
    if set(predictions) == {PredictionStatus.PENDING}:
        return GenerationStatus.PENDING
    if PredictionStatus.CANCELLED in predictions:
        return GenerationStatus.CANCELLED
    if any(STEPS[status] for status in predictions):
        return GenerationStatus.PROCESSING
    if PredictionStatus.COMPLETED in predictions:
        return GenerationStatus.COMPLETED
    return GenerationStatus.FAILED


class Generation(Entity, Row, kw_only=True):
    """A request to make pictures. Deleted ones leave no row.

    `request` is a `GenerationRequest` as it was asked; owner and organization move with their
    end and are columns of their own. `tool` is the backend that makes its pictures.
    """

    __tablename__ = "generations"
    __table_args__ = (
        Index("ix_generations_product", "product_id", "created_at", "id"),
        Index("ix_generations_shot", "shot_id"),
        Index("ix_generations_organization", "organization_id", "id"),
    )

    request: Mapped[dict[str, Any]] = mapped_column(JSONB)
    product_id: Mapped[UUID]
    shot_id: Mapped[UUID]
    tool: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, default=GenerationStatus.PENDING.value)
    # part of the aggregate, at most ten, and in every state of it: loaded with it, unlike other relations
    predictions: Mapped[list[Prediction]] = relationship(
        back_populates="generation",
        lazy="selectin",
        order_by="Prediction.number",
        passive_deletes="all",
        default_factory=list,
    )

    @property
    def asked(self) -> GenerationRequest:
        """The request."""
        return GenerationRequest.model_validate(self.request, extra="ignore")

    def prediction(self, id_: UUID) -> Prediction:
        """One of its predictions; KeyError for another's."""
        return {prediction.id: prediction for prediction in self.predictions}[id_]

    def state(self) -> GenerationState:
        """The row as its events carry it, with its predictions."""
        return GenerationState(
            id=self.id,
            owner_id=self.owner_id,
            organization_id=self.organization_id,
            created_at=self.created_at,
            updated_at=self.updated_at,
            request=self.asked,
            status=GenerationStatus(self.status),
            predictions=tuple(prediction.state_in(self) for prediction in self.predictions),
        )


class Prediction(Row, kw_only=True):
    """One picture of a generation, its `number` from 0; it ends once and stays what it is then.

    `failures` counts tries that failed, so that a crash costs none. While it waits for another try,
    the error is that of the last one. `image` is a `StoredMedia`.
    """

    __tablename__ = "predictions"
    __table_args__ = (UniqueConstraint("generation_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    generation_id: Mapped[UUID] = mapped_column(ForeignKey("generations.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    seed: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(Text, default=PredictionStatus.PENDING.value)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    favourite: Mapped[bool] = mapped_column(default=False)
    image: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), default=None)
    error_category: Mapped[str | None] = mapped_column(Text, default=None)
    error_message: Mapped[str | None] = mapped_column(Text, default=None)
    duration_seconds: Mapped[float | None] = mapped_column(default=None)
    generation: Mapped[Generation] = relationship(
        back_populates="predictions", lazy="raise_on_sql", init=False
    )

    @property
    def version(self) -> int:
        """That of its generation: it changes only with it."""
        return self.generation.version

    @property
    def has_ended(self) -> bool:
        """Whether nothing can change its status any more."""
        return not STEPS[self.status]

    def step(self, status: PredictionStatus, now: datetime) -> None:
        """Go on to that status; asserts that it is a step."""
        assert status in STEPS[self.status], f"a prediction doesn't go from {self.status} to {status}"
        self.status = status.value
        self.updated_at = now

    def state(self) -> PredictionState:
        """The row as the internal read tells of it; its generation must be loaded."""
        return self.state_in(self.generation)

    def state_in(self, generation: Generation) -> PredictionState:
        """The row as it is in this generation's state."""
        return PredictionState(
            id=self.id,
            owner_id=generation.owner_id,
            organization_id=generation.organization_id,
            created_at=self.created_at,
            updated_at=self.updated_at,
            generation_id=generation.id,
            shot_id=generation.shot_id,
            product_id=generation.product_id,
            seed=self.seed,
            status=PredictionStatus(self.status),
            image=None if self.image is None else StoredMedia.model_validate(self.image, extra="ignore"),
            favourite=self.favourite,
            error_category=None if self.error_category is None else ErrorCategory(self.error_category),
            error_message=self.error_message,
            duration_seconds=self.duration_seconds,
        )


class Gone(Row, kw_only=True):
    """A shot or product of another service that was deleted: nothing is made for it any more.

    A request comes by another way than the end of its product, and may come after it.
    """

    __tablename__ = "gone"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    deleted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
