"""Pages of every list: newest first, `count` of all that match, and bounds."""

from __future__ import annotations

from typing import Any

import pytest


async def names(house: Any, who: Any, **params: Any) -> tuple[list[str], int]:
    """The names on a page, and the count."""
    answer = await house.client(who).get(house.entity.path, params=params)
    assert answer.status_code == 200, answer.text
    return [item["name"] for item in answer.json()["data"]], answer.json()["count"]


@pytest.fixture
async def five(listed_house: Any, tenants: Any) -> Any:
    """Somebody with five of them."""
    for number in range(5):
        await listed_house.make(tenants["stranger"], name=str(number))
    return tenants["stranger"]


async def test_newest_come_first(listed_house: Any, five: Any) -> None:
    assert await names(listed_house, five) == (["4", "3", "2", "1", "0"], 5)


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"skip": 1, "limit": 2}, ["3", "2"]),
        ({"skip": 4}, ["0"]),
        ({"skip": 5}, []),
        ({"limit": 1000}, ["4", "3", "2", "1", "0"]),
        ({"page": 1, "size": 2}, ["4", "3"]),
        ({"page": 3, "size": 2}, ["0"]),
        ({"page": 4, "size": 2}, []),
        ({"page": 2}, []),
        ({"size": 1}, ["4"]),
        ({"skip": 2**31 - 1}, []),
    ],
)
async def test_a_page_is_part_of_the_whole(
    listed_house: Any, five: Any, params: dict[str, int], expected: list[str]
) -> None:
    assert await names(listed_house, five, **params) == (expected, 5)


async def test_a_page_alone_is_of_twenty(listed_house: Any, tenants: Any) -> None:
    for number in range(21):
        await listed_house.make(tenants["stranger"], name=str(number))
    assert (await names(listed_house, tenants["stranger"], page=2)) == (["0"], 21)
    assert len((await names(listed_house, tenants["stranger"], page=1))[0]) == 20


@pytest.mark.parametrize(
    "params",
    [
        {"limit": 1001},
        {"limit": 0},
        {"limit": 10**9},
        {"skip": -1},
        {"skip": 2**31},
        {"skip": 10**30},
        {"size": 101},
        {"size": 0},
        {"page": 0},
        {"page": 10**9},
        {"limit": "many"},
        {"skip": 0, "page": 1},
        {"limit": 10, "size": 10},
        {"limit": 10, "page": 1},
        {"skip": 0, "size": 5},
    ],
)
async def test_what_is_no_page_is_422(listed_house: Any, tenants: Any, params: dict[str, Any]) -> None:
    answer = await listed_house.client(tenants["stranger"]).get(listed_house.entity.path, params=params)
    assert answer.status_code == 422
    (problem,) = answer.json()["detail"]
    assert problem.keys() == {"loc", "msg", "type"}
    assert problem["loc"][0] == "query"
