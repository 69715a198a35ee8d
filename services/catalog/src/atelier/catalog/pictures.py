"""Pictures in bodies: what media is asked for them, and what a row keeps of its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from pydantic import Field

from atelier.catalog.columns import Picture
from atelier.contracts.model import State
from atelier.contracts.public.media import MediaInput
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Ownership
from atelier.runtime.errors import ConflictError, Location
from atelier.runtime.media_client import Attachment, IngestItem, MediaClient

Image = Annotated[str, Field(min_length=1)] | MediaInput
"""A picture as bodies name it: a URL, a `data:` URL or base64, or a model with its source and texts."""
Images = Annotated[list[Image], Field(max_length=100)]
"""As many as an event can carry."""


@dataclass(frozen=True)
class Pictures:
    """What media stored for the pictures of one body, by the place in it that named them."""

    ownership: Ownership | None
    """Whose they were stored as."""
    stored: Mapping[Location, Picture]

    @classmethod
    def none(cls) -> Pictures:
        """Those of a body that names none."""
        return cls(None, {})

    def one(self, *place: str | int) -> Picture | None:
        """The picture that was named there, if one was."""
        return self.stored.get(place)

    def several(self, field: str) -> list[Picture]:
        """The pictures of a list, in its order."""
        return [picture for place, picture in self.stored.items() if place[0] == field]

    def require_stored_for(self, ownership: Ownership) -> None:
        """Raise `ConflictError` where their holder went to another tenant since they were stored for it."""
        if self.stored and self.ownership != ownership:
            raise ConflictError("Somebody moved this at the same time; read it again and repeat your change.")


class SentPictures:
    """The pictures of one body on their way into one aggregate: media is asked once for all of them."""

    def __init__(self, state: type[State], aggregate_id: UUID, entity_type: str) -> None:
        self._kind = state.kind
        self._aggregate_id = aggregate_id
        self._entity_type = entity_type
        self._items: dict[Location, IngestItem] = {}

    def __bool__(self) -> bool:
        return bool(self._items)

    def one(self, slot: str, image: Image | None) -> None:
        """The picture of a slot for one, in the body's field of that name."""
        if image is not None:
            self._add((slot,), image, self._entity_type, self._aggregate_id, slot)

    def several(self, slot: str, images: Sequence[Image] | None, field: str | None = None) -> None:
        """The pictures of a slot that holds a list, in the body's field of that name, or of another."""
        for position, image in enumerate(images or ()):
            place = (field or slot, position)
            self._add(place, image, self._entity_type, self._aggregate_id, slot, position)

    def of_part(self, entity_type: str, entity_id: UUID, image: Image, *place: str | int) -> None:
        """The picture of a part that is an entity of its own, at that place in the body."""
        self._add(place, image, entity_type, entity_id, "image")

    async def ingest(self, media: MediaClient, principal: Principal, ownership: Ownership) -> Pictures:
        """Have them stored for their holder's tenant; without any, media isn't asked.

        Raises `InvalidError` at the place of a picture that can't be taken, `TooLargeError` and
        `UnavailableError`; then none is stored. No transaction may be open meanwhile.
        """
        stored = await media.ingest(principal, ownership, list(self._items.values()))
        told = (one.model_dump(mode="json") for one in stored)
        return Pictures(ownership, dict(zip(self._items, told, strict=True)))

    def _add(
        self,
        place: Location,
        image: Image,
        entity_type: str,
        entity_id: UUID,
        slot: str,
        position: int | None = None,
    ) -> None:
        attachment = Attachment(
            kind=self._kind,
            aggregate_id=self._aggregate_id,
            entity_type=entity_type,
            entity_id=entity_id,
            slot=slot,
            position=position,
        )
        self._items[place] = IngestItem.of(("body", *place), image, attachment)
