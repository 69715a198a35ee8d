"""`reader` follows press: it counts printings (facts), keeps issues (a replica) and decides on them.

A tally counts up, so that a fact that is handled twice shows.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, Field
from pydantic_settings import SettingsConfigDict
from sqlalchemy import DateTime, Integer, Text, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from atelier.runtime.authorization import Ownership
from atelier.runtime.cli import command_line
from atelier.runtime.clock import new_id
from atelier.runtime.database import Row
from atelier.runtime.errors import InvalidError, NotFoundError
from atelier.runtime.http.app import api_router
from atelier.runtime.http.bodies import RequestBody
from atelier.runtime.http.dependencies import CurrentReferences
from atelier.runtime.http.route import CurrentPrincipal, Uow
from atelier.runtime.jobs import Job
from atelier.runtime.messaging.records import Fact
from atelier.runtime.references import may_refer, require_reference
from atelier.runtime.service import Declaration
from atelier.runtime.settings import ServiceSettings, Urls
from atelier.runtime.unit_of_work import UnitOfWork
from example.issues import TOPICS, IssuePrinted, IssueReprinted, IssueState

CONFIRM = "confirm-subscription"


class Settings(ServiceSettings):
    """Prefixed `READER_`."""

    model_config = SettingsConfigDict(env_prefix="READER_")

    service: ClassVar[str] = "reader"
    migrations: ClassVar[Path] = Path(__file__).parent / "migrations" / "reader"

    port: int = 8102
    press_urls: Urls = Field((), validation_alias="PRESS_URLS")


class Tally(Row, kw_only=True):
    """How often issues of a title were printed, and the copies of all those printings together."""

    __tablename__ = "tallies"

    title: Mapped[str] = mapped_column(Text, primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    copies: Mapped[int] = mapped_column(Integer)


class Subscription(Row, kw_only=True):
    """Somebody wants an issue."""

    __tablename__ = "subscriptions"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[UUID]
    issue_id: Mapped[UUID]
    confirmed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), default=None)


class SubscriptionCreate(RequestBody):
    """Which issue."""

    issue_id: UUID


class SubscriptionPublic(BaseModel):
    """A subscription with what is known of its issue; a withdrawn one is still shown."""

    id: UUID
    issue_id: UUID
    issue_title: str | None


router = api_router("/subscriptions", "subscriptions")


@router.post("/", status_code=201)
async def subscribe(
    body: SubscriptionCreate, uow: Uow, references: CurrentReferences, principal: CurrentPrincipal
) -> SubscriptionPublic:
    """Subscribe to a public issue or one of one's own, as press has it now."""
    assert principal.user_id is not None, "a user asks"
    issues = await references.fresh(uow, IssueState, {body.issue_id}, principal)
    issue = require_reference(issues, body.issue_id, "body", "issue_id")
    if not may_refer(Ownership(principal.user_id, None), issue):
        raise InvalidError.unknown("body", "issue_id")
    subscription = Subscription(id=new_id(), owner_id=principal.user_id, issue_id=issue.id)
    uow.add(subscription)
    uow.enqueue(CONFIRM, str(subscription.id), {})
    return SubscriptionPublic(id=subscription.id, issue_id=issue.id, issue_title=issue.title)


@router.get("/{id}")
async def read_subscription(
    id: UUID,  # noqa: A002
    uow: Uow,
    references: CurrentReferences,
    principal: CurrentPrincipal,
    response: Response,
) -> SubscriptionPublic:
    """Show a subscription with its issue from the replica."""
    mine = select(Subscription).where(Subscription.id == id, Subscription.owner_id == principal.user_id)
    subscription = await uow.one_or_none(mine)
    if subscription is None:
        raise NotFoundError.of("Subscription")
    response.headers["Cache-Control"] = "no-cache"
    issues = await references.shown(IssueState, {subscription.issue_id})
    issue = issues.get(subscription.issue_id)
    return SubscriptionPublic(
        id=subscription.id, issue_id=subscription.issue_id, issue_title=issue.title if issue else None
    )


COUNT = text(
    "INSERT INTO tallies AS t (title, count, copies) VALUES (:title, 1, :copies) "
    "ON CONFLICT (title) DO UPDATE SET count = t.count + 1, copies = t.copies + excluded.copies"
)


async def count(uow: UnitOfWork, fact: Fact[Any]) -> None:
    """One more printing of that title."""
    issue: IssueState = fact.event.state
    await uow.execute(COUNT, {"title": issue.title, "copies": issue.copies})


async def confirm(job: Job) -> None:
    """Confirm a subscription, once: a job may be begun again after its worker died."""
    async with job.begin() as uow:
        new = (Subscription.id == UUID(job.key), Subscription.confirmed_at.is_(None))
        await uow.execute(update(Subscription).where(*new).values(confirmed_at=uow.now))
        await uow.commit()


def declare(settings: Settings) -> Declaration:
    """Reader, as the runtime runs it."""
    return Declaration(
        settings=settings,
        routers=[router],
        kinds=[],
        replicas=[IssueState],
        facts={IssuePrinted: count, IssueReprinted: count},
        jobs={CONFIRM: confirm},
        topics=TOPICS,
    )


if __name__ == "__main__":
    command_line(Settings, declare)()
