"""Who may do what in export: the house's table, but for tasks, which are those of whoever asked."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, false, or_, true

from atelier.export.tasks.models import ExportTask
from atelier.runtime.auth import Principal
from atelier.runtime.errors import NotFoundError

WHAT = "Export task"
FETCHED_WITHIN = timedelta(hours=1)
"""How long a file that was handed over can be fetched, and fetched again."""


def own(principal: Principal) -> ColumnElement[bool]:
    """Tasks that the principal asked for; those of an organization only while they are in it."""
    asked = ExportTask.owner_id == principal.user_id
    if principal.sees_all:
        return asked
    there = ExportTask.organization_id.in_(list(principal.organizations))
    personal = ExportTask.organization_id.is_(None) if principal.confined_to is None else false()
    return and_(asked, or_(personal, there))


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """Tasks that the principal may read: all for administrators and services, else their own."""
    return true() if principal.sees_all else own(principal)


def require_own(principal: Principal, task: ExportTask | None) -> ExportTask:
    """The task, if the principal may read it; raises `NotFoundError` as if it didn't exist."""
    if task is None or not _sees(principal, task):
        raise NotFoundError.of(WHAT)
    return task


def _sees(principal: Principal, task: ExportTask) -> bool:
    if principal.sees_all:
        return True
    if task.organization_id is None:
        there = principal.confined_to is None
    else:
        there = principal.role_in(task.organization_id) is not None
    return there and task.owner_id == principal.user_id
