"""One house for the gentle tests, and one that is hurt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from atelier.stack.testing import SupervisedStack
from house.front_door import FIRST_LOGIN, House, Person, Tenant, make_tenant

SOON = {"JOB_LEASE": "PT10S", "MEDIA_UNATTACHED_FOR": "PT10S", "MEDIA_SWEEP_EVERY": "PT5S"}


async def _running(data_dir: Path, environment: dict[str, str]) -> AsyncIterator[House]:
    stack = SupervisedStack(data_dir, environment=FIRST_LOGIN | environment)
    await asyncio.to_thread(stack.start)
    house = House(stack)
    try:
        yield house
    finally:
        await house.close()
        assert await asyncio.to_thread(stack.stop) == 0


@pytest.fixture(scope="session")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A house that nobody hurts, where anybody may register.

    An organization's second release comes soon instead of in minutes.
    """
    folder = tmp_path_factory.mktemp("house") / "data"
    async for running in _running(folder, {"RELEASE_AGAIN_AFTER": "PT4S", "IDENTITY_REGISTRATION": "true"}):
        yield running


@pytest.fixture(scope="session")
async def hurt_house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """A house that is hurt: each test leaves it whole. Leases end and sweeps come soon, not in minutes."""
    async for running in _running(tmp_path_factory.mktemp("hurt") / "data", SOON):
        yield running


@pytest.fixture(scope="session")
async def root(house: House) -> Person:
    """The first superuser."""
    return await house.root()


@pytest.fixture(scope="session")
async def here(house: House, root: Person) -> Tenant:
    """An organization with somebody in each role."""
    return await make_tenant(house, root, "Here")


@pytest.fixture(scope="session")
async def there(house: House, root: Person) -> Tenant:
    """Another organization, with other people."""
    return await make_tenant(house, root, "There")


@pytest.fixture(scope="session")
async def stranger(house: House, root: Person) -> Person:
    """Somebody in no organization."""
    return await house.person(root, "stranger")
