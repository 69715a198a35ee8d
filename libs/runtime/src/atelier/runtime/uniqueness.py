"""Unique constraints as answers: what is taken is told by name, however two requests race for it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.exc import IntegrityError

from atelier.runtime.errors import ConflictError
from atelier.runtime.unit_of_work import UnitOfWork


async def flush(uow: UnitOfWork, taken: Mapping[str, str]) -> None:
    """Flush the unit of work; emit its events before, which count the versions that are written.

    Raises `ConflictError` with the text that `taken` has for the violated constraint or index.
    """
    try:
        await uow.flush()
    except IntegrityError as error:
        detail = taken.get(_constraint(error) or "")
        if detail is None:
            raise
        raise ConflictError(detail) from error


def _constraint(error: IntegrityError) -> str | None:
    """The name in PostgreSQL's message to the driver, which SQLAlchemy keeps as the cause."""
    name: str | None = getattr(getattr(error.orig, "__cause__", None), "constraint_name", None)
    return name
