"""Asking production what is to be delivered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from atelier.contracts.deliverables import Deliverable, Deliverables
from atelier.contracts.enums import ShotStatus
from atelier.runtime.auth import Principal
from atelier.runtime.authorization import Ownership
from atelier.runtime.internal_client import InternalClient

PATH = "/internal/deliverables"
PAGE = 100
PRODUCTS_AT_ONCE = 200


@dataclass(frozen=True)
class Wanted:
    """Which shots of a tenant: those of any of the products, of the look, of the shooting, of all three."""

    ownership: Ownership
    product_ids: Sequence[UUID] = ()
    look_id: UUID | None = None
    shooting_id: UUID | None = None

    def questions(self) -> list[dict[str, str]]:
        """The parameters of as many questions as it takes; no shot answers two of them."""
        asked: Mapping[str, Any] = {
            "approved": "true",
            "owner_id": self.ownership.owner_id,
            "organization_id": self.ownership.organization_id,
            "look_id": self.look_id,
            "shooting_id": self.shooting_id,
        }
        question = {name: str(value) for name, value in asked.items() if value is not None}
        chunks = [
            ",".join(map(str, self.product_ids[start : start + PRODUCTS_AT_ONCE]))
            for start in range(0, len(self.product_ids), PRODUCTS_AT_ONCE)
        ]
        return [question | {"product_ids": chunk} for chunk in chunks] or [question]


class Deliveries:
    """Production's deliverables; every call raises `UnavailableError` where it doesn't answer in time."""

    def __init__(self, client: InternalClient, service: str) -> None:
        self._client = client
        self._service = Principal.of_service(service)

    async def approved(self, wanted: Wanted) -> AsyncIterator[list[Deliverable]]:
        """Approved shots with a picture, a page at a time."""
        for question in wanted.questions():
            after: dict[str, str] = {}
            while True:
                page = await self._ask(question | after, self._service)
                yield [one for one in page.data if one.status == ShotStatus.APPROVED and one.image]
                if page.next_after is None:
                    break
                after = {"after": str(page.next_after)}

    async def of_shot(self, shot_id: UUID, principal: Principal) -> Deliverable | None:
        """The shot in whatever status, if the principal may see it."""
        page = await self._ask({"shot_ids": str(shot_id)}, principal)
        return next((one for one in page.data if one.shot_id == shot_id), None)

    async def _ask(self, question: Mapping[str, str], principal: Principal) -> Deliverables:
        answer = await self._client.get("production", PATH, {**question, "limit": str(PAGE)}, principal)
        return Deliverables.model_validate(answer, extra="ignore")
