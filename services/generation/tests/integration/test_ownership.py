"""Whose generations are: their shot's owner's, and an organization's last owner's, with an event each."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from atelier.contracts.organizations import OrganizationDeleted, OrganizationState
from atelier.contracts.shots import ShotUpdated
from atelier.generation.generations.models import Generation, Gone, Prediction
from atelier.runtime.database import Row
from darkroom.factories import shot_of


async def test_they_become_the_last_owners(house: Any, tee: Any) -> None:
    organization, owner, now = uuid4(), uuid4(), datetime.now(UTC)
    request = await house.request(tee, organization_id=organization, batch_size=2)
    other = await house.request(tee, organization_id=uuid4())
    await house.finish()
    state = OrganizationState(
        id=organization, owner_id=owner, created_at=now, updated_at=now, deleted_at=now, name="O", slug="o"
    )
    await house.tell(OrganizationDeleted(state=state, last_owner_id=owner))
    await house.finish()
    released = await house.state(request.id)
    assert (released.owner_id, released.organization_id) == (owner, None)
    assert {(one.owner_id, one.organization_id) for one in released.predictions} == {(owner, None)}
    last = (await house.told(request.id))[-1]
    assert type(last).__name__ == "GenerationUpdated"
    assert last.state == released
    assert (await house.state(other.id)).organization_id is not None


async def test_they_go_with_their_shot_to_another_owner(house: Any, tee: Any) -> None:
    request = await house.request(tee)
    await house.finish()
    organization = uuid4()
    moved = shot_of(request).model_copy(update={"organization_id": organization})
    await house.tell(ShotUpdated(state=moved), ShotUpdated(state=moved))
    state = await house.state(request.id)
    assert (state.owner_id, state.organization_id) == (request.owner_id, organization)
    assert (await house.names(request.id))[-2:] == ["GenerationCompleted", "GenerationUpdated"]


async def test_the_migrated_database_is_what_the_rows_say(house: Any) -> None:
    own = {row.__tablename__ for row in (Generation, Prediction, Gone)}

    def differences(connection: Connection) -> list[Any]:
        def include(item: Any, name: str, kind: str, *_: Any) -> bool:
            return (name if kind == "table" else item.table.name) in own

        options = {"include_object": include, "compare_type": True, "compare_server_default": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), Row.metadata))

    async with house.service.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
