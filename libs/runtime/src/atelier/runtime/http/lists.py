"""Filters that are lists: repeated in the query, comma-separated, or both."""

from __future__ import annotations

from typing import Annotated, TypeVar

from fastapi import Query
from pydantic import BeforeValidator

T = TypeVar("T")


def split_commas(values: object) -> object:
    """Every comma-separated part of the given texts, without the empty ones."""
    if not isinstance(values, list | tuple):
        return values
    return [part for value in values for part in map(str.strip, str(value).split(",")) if part]


ListQuery = Annotated[tuple[T, ...], BeforeValidator(split_commas), Query()]
"""`?statuses=DRAFT,READY&statuses=REVIEW`; declare it with the default `()`, which filters nothing."""
