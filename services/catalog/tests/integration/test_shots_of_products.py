"""What production's facts make of a product: the least advanced status over its own shots."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from atelier.contracts.envelope import Envelope
from atelier.contracts.model import Event
from atelier.contracts.organizations import Role
from atelier.contracts.shots import ShotCreated, ShotDeleted, ShotState, ShotStatusChanged, ShotUpdated
from atelier.runtime.auth import Principal
from atelier.runtime.clock import new_id
from atelier.runtime.messaging.facts import FactGroup

PRODUCTS = "/api/v1/products/"
NOW = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Record:
    """A record as Kafka gives it."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes | None]]
    topic: str = "production.shots.v1"
    partition: int = 0
    offset: int = 0


class Production:
    """Tells of shots as production would: each change of a shot is its next version."""

    def __init__(self, group: FactGroup) -> None:
        self._group = group
        self._versions: dict[UUID, int] = {}

    def shot(self, product: dict[str, Any], status: str = "PENDING", **fields: Any) -> ShotState:
        """A shot of a product, of the product's tenant unless it is said otherwise."""
        known = {
            "id": new_id(),
            "created_at": NOW,
            "updated_at": NOW,
            "owner_id": product["owner_id"],
            "organization_id": product["organization_id"],
            "shooting_id": uuid4(),
            "look_id": new_id(),
            "product_id": product["id"],
            "subject_id": uuid4(),
            "shot_type_id": uuid4(),
            "status": status,
        }
        return ShotState.model_validate(known | fields)

    def record(self, shot: ShotState, event: type[Event[Any]] = ShotCreated) -> Record:
        """The record of the shot's next version."""
        version = self._versions[shot.id] = self._versions.get(shot.id, 0) + 1
        happened = {"previous_status": "PENDING"} if event is ShotStatusChanged else {}
        envelope = Envelope(
            id=new_id(),
            type=event.__name__,
            source="/production",
            subject=shot.id,
            time=NOW,
            dataschema=event.dataschema(),
            aggregate_version=version,
            correlation_id="request-1",
        )
        headers = [(name, value.encode()) for name, value in envelope.to_headers().items()]
        body = event(state=shot, **happened).model_dump_json().encode()
        return Record(str(shot.id).encode(), body, headers)

    def becomes(self, shot: ShotState, status: str) -> Record:
        """The record of a step."""
        return self.record(shot.model_copy(update={"status": status}), ShotStatusChanged)

    def goes(self, shot: ShotState) -> Record:
        """The record of its end."""
        return self.record(shot.model_copy(update={"deleted_at": NOW}), ShotDeleted)

    async def tell(self, *records: Record) -> None:
        """Let catalog's consumer of facts handle these, in this order."""
        await self._group.handle(records)


@pytest.fixture
def production(catalog: Any) -> Production:
    """Production, as catalog hears it."""
    (group,) = [group for group in catalog.groups if isinstance(group, FactGroup)]
    return Production(group)


@pytest.fixture
async def made(client: Any, product: Any) -> dict[str, Any]:
    """A product."""
    return dict((await client.post(PRODUCTS, json=product(public=True))).json())


async def standing(client: Any, made: dict[str, Any]) -> tuple[str | None, str | None]:
    """A product's status and the look that has it."""
    body = (await client.get(PRODUCTS + made["id"])).json()
    return body["shot_status"], body["shot_status_shooting_look_id"]


async def test_the_least_advanced_shot_and_its_look_are_shown(
    client: Any, production: Production, made: dict[str, Any], told: Any
) -> None:
    early, late = production.shot(made), production.shot(made)
    await production.tell(production.record(early), production.record(late))
    assert await standing(client, made) == ("PENDING", str(early.look_id))
    await production.tell(production.becomes(early, "APPROVED"))
    assert await standing(client, made) == ("PENDING", str(late.look_id))
    await production.tell(production.becomes(late, "REVIEW"))
    assert await standing(client, made) == ("REVIEW", str(late.look_id))
    await production.tell(production.goes(late))
    assert await standing(client, made) == ("APPROVED", str(early.look_id))
    await production.tell(production.goes(early))
    assert await standing(client, made) == (None, None)


async def test_what_is_fed_changes_neither_version_nor_time_and_tells_nobody(
    client: Any, production: Production, made: dict[str, Any], told: Any
) -> None:
    await production.tell(production.record(production.shot(made, "PROPOSAL")))
    answer = await client.get(PRODUCTS + made["id"])
    assert answer.headers["etag"] == '"1"'
    assert answer.json()["updated_at"] == made["updated_at"]
    assert len(await told(made["id"])) == 1
    changed = await client.put(PRODUCTS + made["id"], json={"name": "Coat"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["shot_status"]) == (200, "PROPOSAL")


async def test_late_doubled_and_reversed_facts_dont_lead_back(
    client: Any, production: Production, made: dict[str, Any]
) -> None:
    shot = production.shot(made)
    created, proposed = production.record(shot), production.becomes(shot, "PROPOSAL")
    await production.tell(proposed, created, proposed, created)
    assert (await standing(client, made))[0] == "PROPOSAL"
    review, gone = production.becomes(shot, "REVIEW"), production.goes(shot)
    await production.tell(gone, review, gone)
    assert await standing(client, made) == (None, None)


async def test_any_order_of_all_facts_ends_at_the_same(
    client: Any, production: Production, made: dict[str, Any]
) -> None:
    steps = ("PROPOSAL", "REVIEW", "APPROVED")
    shots = [production.shot(made) for _ in range(4)]
    records = [production.record(shot) for shot in shots]
    for shot, length in zip(shots, (3, 2, 3, 1), strict=True):
        records += [production.becomes(shot, step) for step in steps[:length]]
    records.append(production.goes(shots[3]))
    random.Random(7).shuffle(records)
    await production.tell(*records)
    assert await standing(client, made) == ("REVIEW", str(shots[1].look_id))


async def test_a_status_that_isnt_known_yet_doesnt_count(
    client: Any, production: Production, made: dict[str, Any]
) -> None:
    await production.tell(production.record(production.shot(made, "DREAMT")))
    assert await standing(client, made) == (None, None)


async def test_shots_of_a_product_that_is_gone_have_no_effect(
    catalog: Any, client: Any, production: Production, made: dict[str, Any], told: Any
) -> None:
    shot = production.shot(made)
    await production.tell(production.record(shot))
    assert (await client.delete(PRODUCTS + made["id"])).status_code == 200
    await production.tell(production.becomes(shot, "REVIEW"), production.record(production.shot(made)))
    assert (await client.get(PRODUCTS + made["id"])).status_code == 404
    assert len(await told(made["id"])) == 2


async def test_another_tenants_shots_of_a_public_product_dont_count_and_theirs_see_none(
    catalog: Any, client: Any, client_for: Any, production: Production, made: dict[str, Any]
) -> None:
    foreign = production.shot(made, owner_id=uuid4())
    shared = production.shot(made, organization_id=uuid4())
    await production.tell(production.record(foreign), production.record(shared))
    assert await standing(client, made) == (None, None)
    await production.tell(production.record(production.shot(made, "REVIEW")))
    assert (await standing(client, made))[0] == "REVIEW"
    stranger = client_for(catalog, Principal(user_id=uuid4()))
    assert await standing(stranger, made) == (None, None)


async def test_a_product_that_moves_has_the_standing_of_where_it_is(
    organization: Any, production: Production, product: Any
) -> None:
    owner = organization[Role.OWNER]
    made = (await owner.post(PRODUCTS, json=product())).json()
    shot = production.shot(made)
    await production.tell(production.record(shot))
    moved = await owner.put(PRODUCTS + made["id"], json={"organization_id": str(organization.id)})
    assert moved.json()["shot_status"] is None
    there = shot.model_copy(update={"organization_id": organization.id})
    await production.tell(production.record(there, ShotUpdated))
    assert await standing(owner, made) == ("PENDING", str(shot.look_id))
    back = await owner.put(PRODUCTS + made["id"], json={"organization_id": None})
    assert back.json()["shot_status"] is None
