"""A shooting and what is in it: shown, counted, moved, released and deleted together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from atelier.contracts.organizations import OrganizationState, Role
from atelier.production.consumers import SHOOTINGS as RELEASED
from atelier.production.looks.models import Look, Outfit
from atelier.production.shootings.models import Shooting
from atelier.production.shots.models import Shot
from atelier.runtime.releasing import release_batch
from atelier.runtime.request_context import Cause

SHOOTINGS = "/api/v1/shootings/"
NOW = datetime(2030, 1, 1, tzinfo=UTC)


async def furnished(studio: Any, looks: int = 2) -> tuple[str, list[dict[str, Any]]]:
    """A shooting with looks of an outfit and two shots each."""
    shot_types = [studio.shot_type(), studio.shot_type("front_detail")]
    shooting = await studio.shooting()
    config = {"product_id": studio.product(), "outfit_instruction": "As it is."}
    made = await studio.looks(
        shooting,
        product_outfit_configs=[config] * looks,
        subject_ids=[studio.subject()],
        shot_type_ids=shot_types,
    )
    return shooting, made


def shot_ids(looks: list[dict[str, Any]]) -> list[str]:
    return [shot["id"] for look in looks for shot in look["shots"]]


async def test_a_deleted_look_takes_its_shots_along(studio: Any) -> None:
    shooting, (gone, stays) = await furnished(studio)
    path = f"{SHOOTINGS}{shooting}/looks/{gone['id']}"
    assert (await studio.client.delete(path, headers={"If-Match": '"9"'})).status_code == 412
    answer = await studio.client.delete(path, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.json()) == (200, {"message": "Look deleted."})
    assert (await studio.client.delete(path)).status_code == 404
    assert await studio.listed(shooting) == {"data": [stays], "count": 1}
    assert [one.type for one in await studio.told(gone["id"])] == ["LookCreated", "LookDeleted"]
    for shot in shot_ids([gone]):
        created, deleted = await studio.told(shot)
        assert (deleted.type, deleted.event.state.deleted_at is not None) == ("ShotDeleted", True)
        assert created.version < deleted.version
    assert await studio.count(Outfit, look_id=UUID(gone["id"])) == 0


async def test_a_shooting_stands_better_without_its_least_advanced_look(studio: Any) -> None:
    shooting, (gone, _) = await furnished(studio)
    draft = await studio.looks(
        shooting, product_ids=[studio.product()], subject_ids=[studio.subject()], status="DRAFT"
    )
    assert (await studio.read(shooting))["status"] == "DRAFT"
    for look, status in ((draft[0], "PENDING"), (gone, "PENDING"), (_, "WITHOUT_STATUS")):
        await studio.client.delete(f"{SHOOTINGS}{shooting}/looks/{look['id']}")
        assert (await studio.read(shooting))["status"] == status
    read = await studio.client.get(SHOOTINGS + shooting)
    assert (read.json()["shot_status"], read.headers["etag"]) == (None, '"1"')


async def test_a_deleted_shooting_takes_everything_along(studio: Any) -> None:
    shooting, made = await furnished(studio)
    assert (await studio.client.delete(SHOOTINGS + shooting)).status_code == 200
    assert [one.type for one in await studio.told(shooting)] == ["ShootingCreated", "ShootingDeleted"]
    for look in made:
        assert (await studio.told(look["id"]))[-1].type == "LookDeleted"
        assert (await studio.client.get(f"{SHOOTINGS}looks/{look['id']}")).status_code == 404
    for shot in shot_ids(made):
        assert (await studio.told(shot))[-1].type == "ShotDeleted"
    owner = studio.principal.user_id
    assert [await studio.count(row, owner_id=owner) for row in (Shooting, Look, Shot)] == [0, 0, 0]


async def test_a_moved_shooting_takes_everything_along(studio_of: Any, other_services: Any) -> None:
    organization = uuid4()
    studio = studio_of(organization, Role.OWNER)
    other_services.own(
        OrganizationState(id=organization, created_at=NOW, updated_at=NOW, name="O", slug=str(organization))
    )
    studio.organization_id = None
    shooting, made = await furnished(studio)
    for target in (str(organization), None):
        moved = await studio.client.patch(SHOOTINGS + shooting, json={"organization_id": target})
        assert (moved.status_code, moved.json()["organization_id"]) == (200, target)
        for id_ in (*(look["id"] for look in made), *shot_ids(made)):
            told = (await studio.told(id_))[-1]
            assert told.type in ("LookUpdated", "ShotUpdated")
            state = told.event.state
            assert (state.organization_id and str(state.organization_id), state.owner_id) == (
                target,
                studio.principal.user_id,
            )
    versions = [told.version for told in await studio.told(made[0]["id"])]
    assert versions == [1, 2, 3]


async def test_a_change_of_something_else_moves_nothing(studio: Any) -> None:
    shooting, made = await furnished(studio)
    await studio.client.patch(SHOOTINGS + shooting, json={"name": "Summer"})
    for id_ in (*(look["id"] for look in made), *shot_ids(made)):
        assert len(await studio.told(id_)) == 1


async def test_the_end_of_an_organization_gives_everything_back(studio_of: Any, production: Any) -> None:
    organization, heir = uuid4(), uuid4()
    studio = studio_of(organization)
    shooting, made = await furnished(studio)
    async with production.units.begin(Cause(correlation_id="test")) as uow:
        assert await release_batch(uow, RELEASED, organization, heir) == 1
        await uow.commit()
    for id_ in (shooting, *(look["id"] for look in made), *shot_ids(made)):
        state = (await studio.told(id_))[-1].event.state
        assert (state.owner_id, state.organization_id) == (heir, None)
    rows = [await studio.count(row, owner_id=heir) for row in (Shooting, Look, Shot)]
    assert rows == [1, 2, 4]


async def test_the_summary_counts_products_looks_and_statuses(studio: Any) -> None:
    nothing = {"total_products": 0, "total_shooting_looks": 0, "status_breakdown": []}
    shooting, made = await furnished(studio)
    other = await studio.shooting()
    assert (await summary(studio, f"shooting_id={other}")).json() == nothing
    await studio.looks(
        other,
        product_ids=[made[0]["product_id"], studio.product()],
        subject_ids=[studio.subject()],
        status="DRAFT",
    )
    await studio.looks(other, product_ids=[studio.product()], subject_ids=[studio.subject()])
    draft, ready, pending = (
        {"status": name, "count": n} for name, n in (("DRAFT", 2), ("READY", 1), ("PENDING", 2))
    )
    assert (await summary(studio, f"shooting_id={shooting}")).json() == {
        "total_products": 1,
        "total_shooting_looks": 2,
        "status_breakdown": [pending],
    }
    assert (await summary(studio)).json() == {
        "total_products": 3,
        "total_shooting_looks": 5,
        "status_breakdown": [draft, ready, pending],
    }


async def summary(studio: Any, query: str = "") -> Any:
    return await studio.client.get(f"{SHOOTINGS}summary?{query}")


async def test_the_summary_of_an_organization_is_its_members(studio_of: Any) -> None:
    organization = uuid4()
    studio, stranger = studio_of(organization), studio_of()
    shooting, _ = await furnished(studio)
    counted = (await summary(studio, f"organization_id={organization}")).json()
    assert counted["total_shooting_looks"] == 2
    assert (await summary(studio)).json()["total_shooting_looks"] == 0
    both = f"organization_id={organization}&shooting_id={shooting}"
    assert (await summary(studio, both)).json() == counted
    assert (await summary(studio, f"organization_id={organization}&shooting_id={uuid4()}")).status_code == 404
    assert (await summary(stranger, f"organization_id={organization}")).status_code == 403
    assert (await summary(stranger, f"shooting_id={shooting}")).status_code == 404
    foreign = await furnished(stranger)
    mixed = f"organization_id={organization}&shooting_id={foreign[0]}"
    assert (await summary(studio, mixed)).status_code == 404


@pytest.mark.parametrize("id_", ["summary", "looks"])
async def test_words_in_a_path_are_no_ids(studio: Any, id_: str) -> None:
    answer = await studio.client.get(SHOOTINGS + id_)
    assert answer.status_code == (200 if id_ == "summary" else 422)
