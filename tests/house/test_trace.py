"""One write can be followed by its request id and trace id from the gateway into every consumer."""

from __future__ import annotations

from uuid import uuid4

from atelier.contracts.export_tasks import ExportTaskState
from atelier.contracts.generations import GenerationState
from atelier.contracts.model import State
from atelier.contracts.resolution_presets import ResolutionPresetState
from atelier.contracts.shots import ShotState
from atelier.contracts.topics import TOPICS, Topics
from house.belongings import EXPORT, PRODUCTS, SHOTS, TASKS, Belongings
from house.front_door import PRESETS, House, Person, Tenant, eventually
from house.topic_log import Told, read_history

BODY = {"name": "Traced", "width": 1, "height": 1}


async def logged(house: House, service: str, *parts: str) -> list[str]:
    """The lines of a service's log that hold all of these, as soon as there is one."""

    async def lines() -> list[str]:
        log = (house.stack.folder.logs / f"{service}.log").read_text()
        return [line for line in log.splitlines() if all(part in line for part in parts)]

    return await eventually(lines)


async def told(house: House, id_: str, state: type[State] = ResolutionPresetState) -> list[Told]:
    """What the topic tells of a preset, or of another thing."""
    servers = house.stack.service_environment("catalog")["KAFKA_BOOTSTRAP_SERVERS"]
    return await read_history(servers, Topics(TOPICS).of_state(state), id_)


def traced(trace_id: str) -> dict[str, str]:
    """The header of somebody's request that is part of that trace."""
    return {"traceparent": f"00-{trace_id}-{uuid4().hex[:16]}-01"}


def trace_of(one: Told) -> str:
    """The trace that an event is part of."""
    return (one.envelope.traceparent or "--").split("-")[1]


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


async def test_a_picture_is_one_trace_through_every_service(house: House, root: Person, here: Tenant) -> None:
    """Gateway, production, topic, generation's consumer and job, media, topic, production's consumer."""
    things, trace_id = Belongings(house, here, root), uuid4().hex
    shot, product = await things.shot(things.owner), await things.a("product")
    asked = await things.owner.http.post(
        f"{SHOTS}{shot['id']}/generate", json={"generations_per_shot_type": 1}, headers=traced(trace_id)
    )
    assert asked.status_code == 202, asked.text

    async def proposed() -> list[Told]:
        return [one for one in await told(house, shot["id"], ShotState) if trace_of(one) == trace_id][1:]

    (changed,) = await eventually(proposed, within=60)
    assert changed.envelope.type == "ShotStatusChanged"
    listed = await things.owner.http.get(f"{PRODUCTS}{product['id']}/generations")
    (generation,) = [one for one in listed.json() if one["shot_id"] == shot["id"]]
    steps = await told(house, generation["id"], GenerationState)
    assert {trace_of(one) for one in steps} == {trace_id}
    for service, path in (
        ("gateway", "/generate"), ("production", "/generate"), ("media", "/internal/ingest")
    ):  # fmt: skip
        assert await logged(house, service, f"trace_id={trace_id}", "POST", path)


async def test_an_archive_is_one_trace_through_every_service(
    house: House, root: Person, here: Tenant
) -> None:
    """Gateway, export, its job, what that reads in production, and the topic."""
    things, trace_id = Belongings(house, here, root), uuid4().hex
    look_id = (await things.approved_shot(things.owner))["look_id"]
    asked = await things.owner.http.post(
        EXPORT,
        json={"shooting_look_id": look_id},
        params={"organization_id": here.id},
        headers=traced(trace_id),
    )
    task_id = asked.json()["id"]

    async def complete() -> bool:
        return bool((await things.owner.http.get(TASKS + task_id)).json()["status"] == "COMPLETED")

    await eventually(complete, within=60)

    async def ended() -> list[Told]:
        steps = await told(house, task_id, ExportTaskState)
        return steps if steps[-1].envelope.type == "ExportCompleted" else []

    assert {trace_of(one) for one in await eventually(ended)} == {trace_id}
    for service, method, path in (
        ("gateway", "POST", "/async"),
        ("export", "POST", "/async"),
        ("production", "GET", "/internal/deliverables"),
    ):
        assert await logged(house, service, f"trace_id={trace_id}", method, path)


async def test_the_gateways_line_tells_of_a_request_all_that_is_asked_for(
    house: House, stranger: Person
) -> None:
    preset = await stranger.preset()
    answer = await stranger.http.get(PRESETS + preset["id"])
    parts = (
        f"request_id={answer.headers['X-Request-ID']}",
        f"user_id={stranger.id}",
        "method=GET",
        "status=200",
    )
    (line,) = await logged(house, "gateway", *parts, "trace_id=", f"route={PRESETS}{{id}}")
    times = dict(part.split("=") for part in line.split() if part.startswith(("ms=", "upstream_ms=")))
    assert float(times["ms"]) >= float(times["upstream_ms"]) > 0
    assert preset["id"] not in line
