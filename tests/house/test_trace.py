"""One write can be followed by its request id and trace id from the gateway into every consumer."""

from __future__ import annotations

from uuid import uuid4

from atelier.contracts.resolution_presets import ResolutionPresetState
from atelier.contracts.topics import TOPICS, Topics
from house.front_door import PRESETS, House, Person, eventually
from house.topic_log import Told, read_history

BODY = {"name": "Traced", "width": 1, "height": 1}


async def logged(house: House, service: str, *parts: str) -> list[str]:
    """The lines of a service's log that hold all of these, as soon as there is one."""

    async def lines() -> list[str]:
        log = (house.stack.folder.logs / f"{service}.log").read_text()
        return [line for line in log.splitlines() if all(part in line for part in parts)]

    return await eventually(lines)


async def told(house: House, id_: str) -> list[Told]:
    """What the topic tells of a preset."""
    servers = house.stack.service_environment("catalog")["KAFKA_BOOTSTRAP_SERVERS"]
    return await read_history(servers, Topics(TOPICS).of_state(ResolutionPresetState), id_)


async def test_a_write_has_one_request_id_and_one_trace_from_the_gateway_to_the_topic(
    house: House, stranger: Person
) -> None:
    request_id, trace_id = f"request-{uuid4()}", uuid4().hex
    sent = {"X-Request-ID": request_id, "traceparent": f"00-{trace_id}-{uuid4().hex[:16]}-01"}
    answer = await stranger.http.post(PRESETS, json=BODY, headers=sent)
    assert answer.headers["X-Request-ID"] == request_id
    (one,) = await eventually(lambda: told(house, answer.json()["id"]))
    assert one.envelope.correlation_id == request_id
    assert (one.envelope.traceparent or "").split("-")[1] == trace_id
    assert str(one.envelope.actor_id) == stranger.id
    for service in ("gateway", "catalog"):
        assert await logged(house, service, f"request_id={request_id}", f"trace_id={trace_id}", "POST")


async def test_a_request_id_that_isnt_sane_is_replaced_and_answered(house: House, stranger: Person) -> None:
    for sent in ("x" * 200, "a b", "a;b", "é"):
        answer = await stranger.http.post(PRESETS, json=BODY, headers=[(b"X-Request-ID", sent.encode())])
        given = answer.headers["X-Request-ID"]
        assert given != sent
        assert await logged(house, "catalog", f"request_id={given}", "POST")


async def test_what_a_fact_leads_to_is_traced_back_to_its_request(house: House, root: Person) -> None:
    """An organization's end: gateway, identity, topic, and the job that catalog does for it."""
    owner, trace_id = await house.person(root), uuid4().hex
    organization = (await owner.make("/api/v1/organizations/", name="Traced"))["id"]
    preset = await owner.preset(organization)
    traceparent = {"traceparent": f"00-{trace_id}-{uuid4().hex[:16]}-01"}
    deleted = await owner.http.delete(f"/api/v1/organizations/{organization}", headers=traceparent)
    assert deleted.status_code == 200

    async def released() -> list[Told] | None:
        found = await told(house, preset["id"])
        return found if len(found) > 1 else None

    last = (await eventually(released) or [])[-1]
    assert (last.envelope.traceparent or "").split("-")[1] == trace_id
