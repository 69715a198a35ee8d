"""Types of fields that contract models share."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator


def to_utc(moment: datetime) -> datetime:
    """Return the same moment in UTC; one without an offset is already meant as UTC.

    Raises ValueError where the offset leads out of the years 1 to 9999, which are all that
    Python and PostgreSQL share: left as an OverflowError it would escape validation.
    """
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("the moment lies outside of the years 1 to 9999 in UTC") from None


UtcDatetime = Annotated[datetime, AfterValidator(to_utc)]
"""A moment held in UTC, and therefore written as ISO 8601 with a `Z`."""
