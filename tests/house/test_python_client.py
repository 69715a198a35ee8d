"""The typed client at a running gateway, sync and async: sign in, make, list, be refused."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from atelier_client import ApiKey, AsyncAtelier, Atelier, Password, RefusedError, every, every_async
from atelier_client.models import ApiKeyCreate, ResolutionPresetCreate
from house.front_door import ROOT_EMAIL, ROOT_PASSWORD, House, Person


def square() -> ResolutionPresetCreate:
    return ResolutionPresetCreate(name=f"Square {uuid4()}", width=1024, height=1024)


def use(gateway: str) -> None:
    with Atelier(gateway, Password(ROOT_EMAIL, ROOT_PASSWORD)) as atelier:
        presets, key = atelier.resolution_presets, uuid4().hex
        wanted = square()
        made = atelier.once(key).resolution_presets.create_resolution_preset(body=wanted)
        assert atelier.once(key).resolution_presets.create_resolution_preset(body=wanted) == made
        assert made in list(every(presets.list_resolution_presets))
        assert presets.read_resolution_preset(made.id) == made
        presets.delete_resolution_preset(made.id)
        with pytest.raises(RefusedError, match="404") as refused:
            presets.read_resolution_preset(made.id)
        assert refused.value.request_id
        with pytest.raises(RefusedError, match=r"422: body\.width: ") as refused:
            presets.create_resolution_preset(body=ResolutionPresetCreate(name="Flat", width=0, height=9))
        assert refused.value.status == 422


def test_in_plain_code(house: House, root: Person) -> None:
    use(house.stack.gateway_url)


async def test_with_asyncio_and_an_api_key(house: House, root: Person) -> None:
    gateway = house.stack.gateway_url
    async with AsyncAtelier(gateway, Password(ROOT_EMAIL, ROOT_PASSWORD)) as atelier:
        wanted = ApiKeyCreate(name=f"client {uuid4()}", scopes=["read", "write"])
        key = await atelier.api_keys.create_api_key(body=wanted)
    async with AsyncAtelier(gateway, ApiKey(str(key.key))) as atelier:
        assert (await atelier.users.read_me()).id == UUID(root.id)
        made = await atelier.resolution_presets.create_resolution_preset(body=square())
        assert made in [one async for one in every_async(atelier.resolution_presets.list_resolution_presets)]
        await atelier.resolution_presets.delete_resolution_preset(made.id)


async def test_without_a_valid_login(house: House) -> None:
    gateway = house.stack.gateway_url
    async with AsyncAtelier(gateway, Password(ROOT_EMAIL, "wrong")) as wrong, AsyncAtelier(gateway) as nobody:
        for atelier in (wrong, nobody):
            with pytest.raises(RefusedError) as refused:
                await atelier.users.read_me()
            assert refused.value.status in (400, 401)
        assert (await nobody.health.gateway_health()).status == "ok"
