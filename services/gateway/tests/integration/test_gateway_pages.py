"""What the gateway serves itself."""

import time
from typing import Any

import pytest


async def health(door: Any) -> tuple[int, Any]:
    async with door.http.get(f"{door.url}/health") as response:
        return response.status, await response.json()


@pytest.fixture(name="whole")
async def _whole(door: Any) -> None:
    """Production speaks HTTP, and catalog's address that refuses counts as not well."""

    async def ready(reader: Any, writer: Any) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\nConnection: close\r\n\r\n" + b'{"status":"ok"}'
        )
        await writer.drain()

    door.production.behaviour = ready


async def test_health_names_each_service(door: Any, whole: None) -> None:
    status, body = await health(door)
    assert status == 503  # one of catalog's two addresses refuses
    assert body == {
        "status": "unavailable",
        "services": {"identity": "ok", "catalog": "degraded", "production": "ok"},
    }


async def test_a_service_that_never_answers_is_unreachable_within_a_second(door: Any) -> None:
    async def never(reader: Any, _: Any) -> None:
        await reader.read()

    door.production.behaviour = never
    began = time.perf_counter()
    status, body = await health(door)
    assert (status, body["services"]["production"]) == (503, "unreachable")
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(("ready", "state"), [(False, "unavailable"), ("degraded", "degraded")])
async def test_a_service_that_is_not_ready_is_told(
    door: Any, single: Any, whole: None, ready: Any, state: str
) -> None:
    door.catalog.ready = ready
    async with door.http.get(f"{single}/health") as response:
        assert response.status == 503
        assert (await response.json())["services"]["catalog"] == state


async def test_all_well_is_200(door: Any, single: Any, whole: None) -> None:
    async with door.http.get(f"{single}/health") as response:
        assert response.status == 200
        assert (await response.json())["status"] == "ok"


async def test_the_docs_need_no_other_host(door: Any) -> None:
    async with door.http.get(f"{door.url}/docs") as response:
        page = await response.text()
        assert response.status == 200
    assert "://" not in page
    for name, kind in (
        ("swagger-ui-bundle.js", "javascript"),
        ("swagger-ui.css", "css"),
        ("favicon.png", "png"),
    ):
        assert f'"/docs/{name}"' in page
        async with door.http.get(f"{door.url}/docs/{name}") as response:
            assert response.status == 200
            assert kind in response.content_type


async def test_the_root_leads_to_the_docs(door: Any) -> None:
    async with door.http.get(f"{door.url}/", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (307, "/docs")


async def test_the_document_lists_every_operation(door: Any) -> None:
    async with door.http.get(f"{door.url}/openapi.json") as response:
        document = await response.json()
    assert {"/health", "/api/v1/things/", "/api/v1/users/me", "/api/v1/raw"} <= set(document["paths"])
    assert not [path for path in document["paths"] if path.startswith("/internal")]
