"""Every select of converted pictures."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from atelier.export.pictures.models import Rendition
from atelier.runtime.unit_of_work import UnitOfWork


async def use(uow: UnitOfWork, digest: str) -> Rendition | None:
    """The picture, used now: it stays for a while from here."""
    statement = update(Rendition).where(Rendition.digest == digest).values(used_at=uow.now)
    return (await uow.execute(statement.returning(Rendition))).scalar_one_or_none()


async def keep(uow: UnitOfWork, made: Rendition) -> Rendition:
    """Keep it, and return the one that is kept: another worker may have been faster."""
    values = {column.key: getattr(made, column.key) for column in Rendition.__table__.columns}
    await uow.execute(insert(Rendition).values(values).on_conflict_do_nothing(index_elements=["digest"]))
    kept = await uow.one_or_none(select(Rendition).where(Rendition.digest == made.digest))
    assert kept is not None, "either was inserted"
    return kept


async def drop(uow: UnitOfWork, key: str) -> None:
    """Forget the picture at that key."""
    await uow.execute(delete(Rendition).where(Rendition.key == key))


async def drop_unused(uow: UnitOfWork, since: datetime, limit: int) -> Sequence[str]:
    """Forget pictures that weren't used since then; returns the keys of their objects."""
    unused = select(Rendition.digest).where(Rendition.used_at < since).limit(limit)
    gone = delete(Rendition).where(Rendition.digest.in_(unused.with_for_update(skip_locked=True)))
    return (await uow.execute(gone.returning(Rendition.key))).scalars().all()


async def known(uow: UnitOfWork, keys: Collection[str]) -> set[str]:
    """Those of the keys at which a picture is kept."""
    return set(await uow.all(select(Rendition.key).where(Rendition.key.in_(keys))))
