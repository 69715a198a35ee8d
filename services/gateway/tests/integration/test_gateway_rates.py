"""Rates of addresses and users: headers while there is something left, 429 after that."""

from typing import Any

THINGS, OPEN = "/api/v1/things/", "/api/v1/open"
NAMES = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")


async def get(door: Any, url: str, **headers: str) -> tuple[int, Any]:
    async with door.http.get(url, headers=headers) as response:
        await response.read()
        return response.status, response.headers


async def test_nobody_is_counted_unless_it_is_set(door: Any) -> None:
    status, headers = await get(door, door.url + OPEN)
    assert status == 200
    assert not any(name in headers for name in NAMES)


async def test_a_user_has_a_rate_that_others_do_not_use_up(door: Any, another: Any) -> None:
    url = await another(user_rate="2/600")
    mine = door.bearer(sub="7a1f0f52-9d1c-4f0e-8d34-2f7b45b4b001")
    for remaining in ("1", "0"):
        status, headers = await get(door, url + THINGS, **mine)
        assert (status, headers["RateLimit-Limit"], headers["RateLimit-Remaining"]) == (200, "2", remaining)
        assert 0 < int(headers["RateLimit-Reset"]) <= 600
    status, headers = await get(door, url + THINGS, **mine)
    assert (status, headers["RateLimit-Remaining"]) == (429, "0")
    assert 0 < int(headers["Retry-After"]) <= 300
    assert (await get(door, url + THINGS, **door.bearer()))[0] == 200
    assert (await get(door, url + OPEN))[0] == 200


async def test_an_address_is_counted_whether_its_tokens_are_good_or_not(door: Any, another: Any) -> None:
    url = await another(address_rate="3/600")
    asked = [await get(door, url + THINGS, Authorization="Bearer no") for _ in range(4)]
    assert [status for status, _ in asked] == [401, 401, 401, 429]
    assert [headers["RateLimit-Remaining"] for _, headers in asked] == ["2", "1", "0", "0"]


async def test_what_operators_watch_is_not_counted(door: Any, another: Any) -> None:
    url = await another(address_rate="1/600")
    for _ in range(3):
        assert (await get(door, f"{url}/docs"))[0] == 200


async def test_the_tightest_of_several_is_told(door: Any, another: Any) -> None:
    url = await another(address_rate="100/60", user_rate="5/60")
    _, headers = await get(door, url + THINGS, **door.bearer())
    assert (headers["RateLimit-Limit"], headers["RateLimit-Remaining"]) == ("5", "4")
