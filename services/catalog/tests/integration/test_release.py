"""What an organization's end does to what catalog kept for it: everything becomes its last owner's."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from atelier.catalog.consumers import JOBS
from atelier.contracts.background_presets import BackgroundPresetUpdated
from atelier.contracts.organizations import Role
from atelier.contracts.products import ProductUpdated
from atelier.contracts.subjects import SubjectUpdated
from atelier.runtime.jobs import JobWorker
from atelier.runtime.releasing import RELEASE
from atelier.runtime.request_context import Cause

PRODUCTS, SUBJECTS, BACKGROUNDS = (
    f"/api/v1/{kind}/" for kind in ("products", "subjects", "background-presets")
)


async def release(catalog: Any, organization_id: UUID, owner_id: UUID) -> None:
    """Let catalog's job release what belonged to the organization."""
    payload = {"organization_id": str(organization_id), "owner_id": str(owner_id)}
    async with catalog.units.begin(Cause(correlation_id="test")) as uow:
        uow.enqueue(RELEASE, str(uuid4()), payload)
        await uow.commit()
    worker = JobWorker(sessions=catalog.sessions, units=catalog.units, handlers=JOBS)
    running = asyncio.create_task(worker.run())
    try:
        await _until_done(catalog)
    finally:
        await worker.stop()
        await running


async def _until_done(catalog: Any) -> None:
    unfinished = text("SELECT count(*) FROM jobs WHERE finished_at IS NULL")
    async with asyncio.timeout(20), catalog.sessions() as session:
        while (await session.execute(unfinished)).scalar_one():
            await session.rollback()
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("path", "body", "event"),
    [
        (PRODUCTS, "product", ProductUpdated),
        (SUBJECTS, "subject", SubjectUpdated),
        (BACKGROUNDS, "background", BackgroundPresetUpdated),
    ],
)
async def test_it_becomes_the_last_owners_with_an_event_each(
    catalog: Any,
    organization: Any,
    told: Any,
    request: pytest.FixtureRequest,
    path: str,
    body: str,
    event: type[Any],
) -> None:
    make, within = request.getfixturevalue(body), {"organization_id": str(organization.id)}
    member, owner = organization[Role.MEMBER], organization[Role.OWNER]
    made = (await member.post(path, params=within, json=make(name="Shared"))).json()
    other = (await member.post(path, json=make(name="Mine"))).json()
    await release(catalog, organization.id, organization.users[Role.OWNER])
    after = (await owner.get(path + made["id"])).json()
    whose = {"owner_id": str(organization.users[Role.OWNER]), "organization_id": None}
    assert after == made | whose | {"updated_at": after["updated_at"]}
    last = (await told(made["id"]))[-1]
    assert (type(last), str(last.state.owner_id), last.state.organization_id) == (
        event,
        whose["owner_id"],
        None,
    )
    assert (await member.get(path + made["id"])).status_code == 404
    assert (await member.get(path + other["id"])).json() == other


async def test_slugs_that_the_last_owner_has_already_are_numbered(
    catalog: Any, organization: Any, subject: Any
) -> None:
    within, owner = {"organization_id": str(organization.id)}, organization[Role.OWNER]
    for name in ("Anna", "Anna 2", "Bea"):
        await owner.post(SUBJECTS, json=subject(name=name))
    shared = [
        (await owner.post(SUBJECTS, params=within, json=subject(name=name))).json()
        for name in ("Anna", "Anna!", "BEA", "Cleo")
    ]
    assert [one["slug"] for one in shared] == ["anna", "anna-2", "bea", "cleo"]
    await release(catalog, organization.id, organization.users[Role.OWNER])
    after = [(await owner.get(SUBJECTS + one["id"])).json() for one in shared]
    assert [one["slug"] for one in after] == ["anna-3", "anna-2-2", "bea-2", "cleo"]
