"""CORS and security headers, as they are set."""

from typing import Any

import pytest

STUDIO = "https://studio.example"
ASK = {
    "Origin": STUDIO,
    "Access-Control-Request-Method": "PUT",
    "Access-Control-Request-Headers": "authorization",
}


async def test_without_origins_nothing_is_said_of_them(door: Any) -> None:
    async with door.http.get(f"{door.url}/api/v1/open", headers={"Origin": STUDIO}) as response:
        assert not [name for name in response.headers if name.lower().startswith("access-control")]
    async with door.http.options(f"{door.url}/api/v1/open", headers=ASK) as response:
        assert response.status == 405


async def test_a_page_of_an_origin_may_ask_and_read(door: Any, another: Any) -> None:
    url = await another(cors_origins=f"{STUDIO},https://other.example")
    async with door.http.options(f"{url}/api/v1/things/7", headers=ASK) as response:
        assert response.status == 204
        assert response.headers["Access-Control-Allow-Origin"] == STUDIO
        assert "PUT" in response.headers["Access-Control-Allow-Methods"]
        assert response.headers["Access-Control-Allow-Headers"] == "authorization"
        assert "Access-Control-Allow-Credentials" not in response.headers
    for path, status in (("/api/v1/open", 200), ("/api/v1/things/", 401), ("/nowhere", 404)):
        async with door.http.get(url + path, headers={"Origin": STUDIO}) as response:
            assert response.status == status
            assert response.headers["Access-Control-Allow-Origin"] == STUDIO
            assert "X-Request-ID" in response.headers["Access-Control-Expose-Headers"]
            assert response.headers["Vary"] == "Origin"


@pytest.mark.parametrize("origin", ["https://evil.example", f"{STUDIO}.evil.example", "null", STUDIO.upper()])
async def test_a_page_of_another_origin_may_not(door: Any, another: Any, origin: str) -> None:
    url = await another(cors_origins=STUDIO)
    for method in ("OPTIONS", "GET"):
        async with door.http.request(
            method, f"{url}/api/v1/open", headers={**ASK, "Origin": origin}
        ) as answer:
            assert "Access-Control-Allow-Origin" not in answer.headers
            assert answer.headers["Vary"] == "Origin"


async def test_every_answer_tells_browsers_to_be_careful(door: Any, another: Any) -> None:
    for path in ("/api/v1/open", "/nowhere", "/docs", "/api/v1/things/"):
        async with door.http.get(door.url + path) as response:
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["X-Frame-Options"] == "DENY"
            assert "Strict-Transport-Security" not in response.headers
    url = await another(security_headers=False, hsts_seconds=3600)
    async with door.http.get(f"{url}/api/v1/open") as response:
        assert "X-Frame-Options" not in response.headers
        assert response.headers["Strict-Transport-Security"].startswith("max-age=3600")
