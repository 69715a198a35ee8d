"""The picture of one shot, as an attachment."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from PIL import Image

from atelier.contracts.organizations import Role
from atelier.runtime.auth import Principal


def path(shot: Any) -> str:
    """Where the shot's picture is downloaded."""
    return f"/api/v1/shots/{shot.shot_id}/download"


async def fetched(client: httpx.AsyncClient, where: str) -> httpx.Response:
    """What is at the place that a download leads to; nobody is signed in there."""
    answer = await client.get(where)
    assert (answer.status_code, answer.headers["cache-control"]) == (307, "no-store"), answer.text
    async with httpx.AsyncClient() as anybody:
        return await anybody.get(answer.headers["location"])


@pytest.mark.parametrize("status", ["APPROVED", "REVIEW", "PROPOSAL"])
async def test_the_current_picture_is_converted_and_named(world: Any, status: str) -> None:
    shot = await world.shot(world.product(sku="Mänt/el"), status=status, revision_version=4)
    file = await fetched(world.client, path(shot))
    assert (file.status_code, file.headers["content-type"]) == (200, "image/webp")
    name = "Acme_Mänt-el_front_full_body_v4.webp"
    assert f"filename*=UTF-8''{quote(name)}" in file.headers["content-disposition"]
    assert file.headers["content-disposition"].startswith("attachment")
    read = Image.open(io.BytesIO(file.content))
    assert (read.format, read.size) == ("WEBP", (64, 48))
    assert str(shot.revision_id) in read.info["xmp"].decode()


async def test_it_is_converted_once(world: Any) -> None:
    shot = await world.shot(world.product())
    first = await world.client.get(path(shot))
    again = await world.client.get(path(shot))
    assert first.headers["location"].partition("?")[0] == again.headers["location"].partition("?")[0]


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"revision_id": None, "image": None}, "no current revision"), ({"image": None}, "no image")],
)
async def test_a_shot_without_a_picture_is_400(world: Any, fields: dict[str, Any], said: str) -> None:
    answer = await world.client.get(path(await world.shot(world.product(), **fields)))
    assert (answer.status_code, said in answer.json()["detail"]) == (400, True)


async def test_a_picture_that_cant_be_converted_is_409(world: Any) -> None:
    shot = await world.shot(world.product(), image=await world.media(b"no picture"))
    answer = await world.client.get(path(shot))
    assert (answer.status_code, "can't be converted" in answer.json()["detail"]) == (409, True)


async def test_unknown_and_foreign_shots_are_404(world: Any) -> None:
    foreign = await world.shot(world.product(owner_id=uuid4()))
    theirs = await world.shot(world.product(uuid4()))
    for where in (path(foreign), path(theirs), f"/api/v1/shots/{uuid4()}/download"):
        answer = await world.client.get(where)
        assert (answer.status_code, answer.json()["detail"]) == (404, "Shot not found.")
    assert (await world.client.get("/api/v1/shots/x/download")).status_code == 422


async def test_a_viewer_may_download_what_they_may_see(world: Any) -> None:
    organization = uuid4()
    shot = await world.shot(world.product(organization))
    viewer = Principal(user_id=uuid4(), organizations={organization: Role.VIEWER})
    assert (await world.client_for(world.service, viewer).get(path(shot))).status_code == 307


async def test_without_production_it_is_503(world: Any) -> None:
    shot = await world.shot(world.product())
    world.production.away = True
    answer = await world.client.get(path(shot))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
