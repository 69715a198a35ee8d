"""`press` owns issues: each change is a row, a version and an event, in one transaction.

A real service keeps these in `models`, `schemas`, `repository`, `use_cases` and `routes`.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, ClassVar
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_settings import SettingsConfigDict
from sqlalchemy import BigInteger, DateTime, Integer, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from atelier.contracts.types import UtcDatetime
from atelier.runtime import tenancy
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Action, require, require_visible, visible_to
from atelier.runtime.cli import command_line
from atelier.runtime.clock import new_id
from atelier.runtime.database import Row
from atelier.runtime.errors import NotFoundError
from atelier.runtime.http.app import api_router
from atelier.runtime.http.bodies import RequestBody
from atelier.runtime.http.internal import OwnedKind
from atelier.runtime.http.route import CurrentPrincipal, Uow
from atelier.runtime.http.scope import OrganizationQuery
from atelier.runtime.http.versions import Expected, IfMatch, tag
from atelier.runtime.service import Declaration
from atelier.runtime.settings import ServiceSettings
from atelier.runtime.unit_of_work import UnitOfWork
from example.issues import (
    TOPICS,
    IssuePrinted,
    IssueReprinted,
    IssueRestored,
    IssueState,
    IssueWithdrawn,
)

WHAT = "Issue"
Title = Annotated[str, Field(min_length=1, max_length=255)]
Copies = Annotated[int, Field(ge=0, le=2**31 - 1)]


class Settings(ServiceSettings):
    """Prefixed `PRESS_`."""

    model_config = SettingsConfigDict(env_prefix="PRESS_")

    service: ClassVar[str] = "press"
    migrations: ClassVar[Path] = Path(__file__).parent / "migrations" / "press"

    port: int = 8101


class Issue(Row, kw_only=True):
    """An issue; withdrawn ones keep their row."""

    __tablename__ = "issues"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), default=None)
    owner_id: Mapped[UUID]
    organization_id: Mapped[UUID | None] = mapped_column(default=None)
    title: Mapped[str] = mapped_column(Text)
    copies: Mapped[int] = mapped_column(Integer)

    def state(self) -> IssueState:
        """The row as its events carry it."""
        return IssueState.model_validate(self)


class IssueCreate(RequestBody):
    """A new issue."""

    title: Title
    copies: Copies = 0


class IssueUpdate(RequestBody):
    """Changes of an issue; what isn't sent stays."""

    title: Title | None = None
    copies: Copies | None = None


class IssuePublic(BaseModel):
    """An issue as clients see it."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    title: str
    copies: int
    owner_id: UUID
    organization_id: UUID | None
    created_at: UtcDatetime
    updated_at: UtcDatetime


router = api_router("/issues", "issues")


@router.post("/", status_code=201)
async def print_issue(
    body: IssueCreate,
    uow: Uow,
    principal: CurrentPrincipal,
    response: Response,
    organization_id: OrganizationQuery = None,
) -> IssuePublic:
    """Print a new issue, one's own or an organization's."""
    ownership = tenancy.place(principal, organization_id, {})
    assert ownership.owner_id is not None, "a user asks"
    issue = Issue(
        id=new_id(),
        created_at=uow.now,
        updated_at=uow.now,
        owner_id=ownership.owner_id,
        organization_id=ownership.organization_id,
        title=body.title,
        copies=body.copies,
    )
    uow.add(issue)
    uow.emit(issue, IssuePrinted)
    tag(response, issue)
    return IssuePublic.model_validate(issue)


@router.get("/{id}")
async def read_issue(
    id: UUID,  # noqa: A002
    uow: Uow,
    principal: CurrentPrincipal,
    response: Response,
) -> IssuePublic:
    """Read one issue."""
    issue = _living(await uow.one_or_none(select(Issue).where(Issue.id == id)))
    require_visible(principal, issue, WHAT)
    tag(response, issue)
    return IssuePublic.model_validate(issue)


@router.put("/{id}")
async def reprint_issue(
    id: UUID,  # noqa: A002
    body: IssueUpdate,
    uow: Uow,
    principal: CurrentPrincipal,
    expected: IfMatch,
    response: Response,
) -> IssuePublic:
    """Change the fields that are sent."""
    issue = _living(await _locked(uow, id))
    _check(principal, Action.WRITE, issue, expected)
    for name, value in body.sent().items():
        if value is not None:
            setattr(issue, name, value)
    uow.emit(issue, IssueReprinted)
    tag(response, issue)
    return IssuePublic.model_validate(issue)


@router.delete("/{id}", status_code=204)
async def withdraw_issue(
    id: UUID,  # noqa: A002
    uow: Uow,
    principal: CurrentPrincipal,
    expected: IfMatch,
) -> None:
    """Take an issue out of circulation."""
    issue = _living(await _locked(uow, id))
    _check(principal, Action.DELETE, issue, expected)
    issue.deleted_at = uow.now
    uow.emit(issue, IssueWithdrawn)


@router.post("/{id}/restore")
async def restore_issue(
    id: UUID,  # noqa: A002
    uow: Uow,
    principal: CurrentPrincipal,
    expected: IfMatch,
    response: Response,
) -> IssuePublic:
    """Bring a withdrawn issue back (administrators)."""
    issue = await _locked(uow, id)
    if issue is None:
        raise NotFoundError.of(WHAT)
    _check(principal, Action.ADMINISTER, issue, expected)
    issue.deleted_at = None
    uow.emit(issue, IssueRestored)
    tag(response, issue)
    return IssuePublic.model_validate(issue)


async def _locked(uow: UnitOfWork, id_: UUID) -> Issue | None:
    return await uow.one_or_none(select(Issue).where(Issue.id == id_).with_for_update())


def _living(issue: Issue | None) -> Issue:
    if issue is None or issue.deleted_at is not None:
        raise NotFoundError.of(WHAT)
    return issue


def _check(principal: Principal, action: Action, issue: Issue, expected: Expected) -> None:
    require_visible(principal, issue, WHAT)
    require(principal, action, issue)
    expected.require(issue)


def declare(settings: Settings) -> Declaration:
    """Press, as the runtime runs it."""
    return Declaration(
        settings=settings,
        routers=[router],
        kinds=[OwnedKind(IssueState, Issue, lambda who: visible_to(who, Issue))],
        topics=TOPICS,
    )


if __name__ == "__main__":
    command_line(Settings, declare)()
