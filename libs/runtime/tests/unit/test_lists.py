"""Filters that are lists."""

from enum import StrEnum
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from atelier.runtime.http.lists import ListQuery


class Colour(StrEnum):
    """Something to choose from."""

    RED = "RED"
    BLUE = "BLUE"


app = FastAPI()


@app.get("/")
async def listed(colours: ListQuery[Colour] = ()) -> list[Colour]:
    """What was understood."""
    return list(colours)


async def ask(query: str) -> httpx.Response:
    """Ask with a query as it stands."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        return await client.get(f"/?{query}")


@pytest.mark.parametrize(
    ("query", "understood"),
    [
        ("", []),
        ("colours=", []),
        ("colours=,", []),
        ("colours=RED", ["RED"]),
        ("colours=RED&colours=BLUE", ["RED", "BLUE"]),
        ("colours=RED,BLUE", ["RED", "BLUE"]),
        ("colours=RED,%20BLUE,&colours=RED", ["RED", "BLUE", "RED"]),
    ],
)
async def test_lists_may_be_repeated_or_comma_separated(query: str, understood: list[str]) -> None:
    assert (await ask(query)).json() == understood


@pytest.mark.parametrize("query", ["colours=GREEN", "colours=RED,GREEN", "colours=red"])
async def test_an_unknown_value_is_422(query: str) -> None:
    assert (await ask(query)).status_code == 422


def test_the_document_shows_a_list_of_the_values() -> None:
    (parameter,) = app.openapi()["paths"]["/"]["get"]["parameters"]
    schema: dict[str, Any] = parameter["schema"]
    assert (schema["type"], schema["items"]) == ("array", {"$ref": "#/components/schemas/Colour"})
    assert parameter["required"] is False
