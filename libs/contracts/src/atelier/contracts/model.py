"""The two kinds of contract: the state of an aggregate and the events that carry it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Generic, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from atelier.contracts.types import UtcDatetime

MAX_BODY_BYTES = 256 * 1024
"""The largest event body, in bytes of JSON; a state that doesn't fit is refused with 422."""


T = TypeVar("T")

Open = Annotated[T | str, Field(union_mode="left_to_right")]
"""An enum as consumers read it: a value that isn't known here yet stays a plain string."""


class Contract(BaseModel):
    """Frozen. Producers may not add unknown fields; consumers `read` and ignore them."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    @classmethod
    def read(cls, body: str | bytes) -> Self:
        """Parse what another service wrote: unknown fields are additions of a newer producer.

        Raises `pydantic.ValidationError` when the body isn't this contract.
        """
        return cls.model_validate_json(body, extra="ignore")


class State(Contract):
    """The owner's own columns of one aggregate, as its events and internal reads carry them.

    Serves in events, in the owner's `/internal/<kind>` answers and in others' replicas.
    """

    kind: ClassVar[str]
    """Plural, with dashes: the path segment of the internal read and the replicas' `kind`."""

    id: UUID
    owner_id: UUID | None = None
    organization_id: UUID | None = None
    public: bool = False
    created_at: UtcDatetime
    updated_at: UtcDatetime
    deleted_at: UtcDatetime | None = None
    """Set in the last state of a deleted aggregate, whether its row is kept or not."""


S = TypeVar("S", bound=State)


class Event(Contract, Generic[S]):
    """Something that happened to one aggregate: its whole state after it, and what happened.

    The class name is the event's type; `schema_version` counts breaking changes.
    """

    schema_version: ClassVar[int] = 1

    state: S

    @classmethod
    def dataschema(cls) -> str:
        """The URI that names this event and its version in `ce_dataschema`."""
        return f"urn:atelier:event:{cls.__name__}:{cls.schema_version}"
