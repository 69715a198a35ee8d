"""`/health/services`: for superusers, and no secret on the way."""

from typing import Any

SERVICES = "/health/services"


async def asked(door: Any, headers: dict[str, str]) -> tuple[int, Any]:
    async with door.http.get(door.url + SERVICES, headers=headers) as response:
        return response.status, await response.json()


async def test_it_needs_a_login_and_a_superuser(door: Any) -> None:
    door.identity.superuser = False
    assert (await asked(door, {}))[0] == 401
    assert (await asked(door, door.bearer()))[0] == 403


async def test_a_superuser_sees_each_process_of_each_service(door: Any) -> None:
    door.identity.superuser = True
    status, body = await asked(door, door.bearer())
    assert status == 200
    refusing, answering = body["services"]["catalog"]
    assert {False, True} == {said["ready"] for said in (refusing, answering)}
    assert "unreachable" in (refusing.get("reason"), answering.get("reason"))


async def test_a_service_that_never_answers_delays_it_three_seconds_at_most(door: Any) -> None:
    async def never(reader: Any, _: Any) -> None:
        await reader.read()

    door.identity.superuser, door.production.behaviour = True, never
    _, body = await asked(door, door.bearer())
    assert body["services"]["production"] == [{"ready": False, "reason": "unreachable"}]


async def test_it_is_in_the_document(door: Any) -> None:
    async with door.http.get(f"{door.url}/openapi.json") as response:
        operation = (await response.json())["paths"][SERVICES]["get"]
    assert operation["security"]
    assert set(operation["responses"]) >= {"200", "401", "403"}
