"""Inserting any number of rows in one statement that PostgreSQL plans once: arrays, unnested.

Runs as driver SQL: what the ORM does for each row and each statement is most of a small write.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import chain
from typing import Any

import orjson
from sqlalchemy import Column, CursorResult, Table, inspect
from sqlalchemy.dialects.postgresql import JSONB, dialect
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import DeclarativeBase, Mapper

PLACEHOLDER = re.compile(r"\$(\d+)")
_DIALECT = dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Piece:
    """A statement that changes data: its SQL with placeholders from $1, and their arguments."""

    sql: str
    arguments: tuple[Any, ...]


async def run(connection: AsyncConnection, pieces: Sequence[Piece]) -> CursorResult[Any]:
    """Run all pieces as one statement, in one round trip; the result is the last one's.

    They see the data as it was before them, so none may depend on another.
    """
    arguments = tuple(chain.from_iterable(piece.arguments for piece in pieces))
    return await connection.exec_driver_sql(_joined(tuple(piece.sql for piece in pieces)), arguments)


def inserts(rows: Sequence[DeclarativeBase]) -> list[Piece]:
    """One insert for each class among the rows, however many rows; not for columns that hold arrays."""
    classes: dict[type[DeclarativeBase], list[DeclarativeBase]] = {}
    for row in rows:
        classes.setdefault(type(row), []).append(row)
    return [_insert(row_class, of_class) for row_class, of_class in classes.items()]


def _insert(row_class: type[DeclarativeBase], rows: Sequence[DeclarativeBase]) -> Piece:
    arguments = tuple([encode(getattr(row, name)) for row in rows] for name, encode in _columns(row_class))
    return Piece(_statement(row_class), arguments)


@lru_cache(256)
def _joined(statements: tuple[str, ...]) -> str:
    """`WITH` all but the last, which follows; placeholders numbered through."""
    shifted, offset = [], 0
    for statement in statements:
        shifted.append(PLACEHOLDER.sub(lambda found, by=offset: f"${int(found[1]) + by}", statement))  # type: ignore[misc]
        offset += max(map(int, PLACEHOLDER.findall(statement)))
    *before, last = shifted
    return (f"WITH {', '.join(f'p{n} AS ({one})' for n, one in enumerate(before))} " if before else "") + last


@cache
def _columns(row_class: type[DeclarativeBase]) -> tuple[tuple[str, Any], ...]:
    """Attribute names of a class, each with what makes its values the driver's."""
    return tuple(
        (column.key, _to_json if _is_json(column) else _as_it_is) for column in table_of(row_class).columns
    )


@cache
def _statement(row_class: type[DeclarativeBase]) -> str:
    table = table_of(row_class)
    names = ", ".join(column.name for column in table.columns)
    values = ", ".join(
        f"{column.name}::jsonb" if _is_json(column) else column.name for column in table.columns
    )
    arrays = ", ".join(f"${n}::{_array(column)}" for n, column in enumerate(table.columns, 1))
    return f"INSERT INTO {table.name} ({names}) SELECT {values} FROM unnest({arrays}) AS r({names})"


def table_of(row_class: type[DeclarativeBase]) -> Table:
    """The table of a mapped class."""
    mapper: Mapper[Any] = inspect(row_class)
    assert isinstance(mapper.local_table, Table), "rows are of tables"
    return mapper.local_table


def _array(column: Column[Any]) -> str:
    return "text[]" if _is_json(column) else f"{column.type.compile(_DIALECT)}[]"


def _is_json(column: Column[Any]) -> bool:
    return isinstance(column.type, JSONB)


def _to_json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _as_it_is(value: Any) -> Any:
    return value
