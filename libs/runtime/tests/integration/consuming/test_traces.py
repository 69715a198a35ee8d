"""One trace and one request id from the HTTP request to the last consumer's log line."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaConsumer
from newsroom import FACTS, Newsroom, consuming, eventually, handling, letters_of, relaying, run

from atelier.runtime.auth import Principal
from atelier.runtime.request_context import Cause, current_cause

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


async def _print(room: Newsroom, client_for: Any, user: Principal) -> None:
    """One request at press, and its event in the topic."""
    press = await room.press()
    headers = {"traceparent": PARENT, "X-Request-ID": "request-7"}
    async with relaying(press), client_for(press, user) as client:
        answer = await client.post("/api/v1/issues/", json={"title": "traced", "copies": 1}, headers=headers)
        assert answer.status_code == 201, answer.text
        assert answer.headers["x-request-id"] == "request-7"
        await eventually(lambda: _ended(room))


async def _ended(room: Newsroom) -> bool:
    return sum((await room.ends()).values()) == 1


async def _headers(room: Newsroom) -> dict[str, str]:
    consumer = AIOKafkaConsumer(bootstrap_servers=room.bootstrap_servers)
    consumer.assign(room.partitions)
    await consumer.start()
    try:
        await consumer.seek_to_beginning()
        record = await consumer.getone()
        return {name: value.decode() for name, value in record.headers}
    finally:
        await consumer.stop()


async def test_the_trace_of_a_request_reaches_the_event_the_handler_and_the_logs(
    make_newsroom: Any, make_process: Any, client_for: Any
) -> None:
    room: Newsroom = await make_newsroom()
    user = Principal(user_id=uuid4())
    causes: list[Cause] = []

    async def note(uow: Any, _: Any) -> None:
        assert uow.cause == current_cause.get()
        causes.append(uow.cause)

    await _print(room, client_for, user)
    headers = await _headers(room)
    assert headers["traceparent"].split("-")[1] == TRACE
    assert headers["ce_correlationid"] == "request-7"
    assert headers["ce_actorid"] == str(user.user_id)

    service = await room.reader(lambda declared: handling(declared, note))
    async with consuming(service):
        await room.settled()
    (cause,) = causes
    assert (cause.traceparent or "").split("-")[1] == TRACE
    assert (cause.correlation_id, cause.causation_id) == ("request-7", headers["ce_id"])
    assert cause.actor_id == user.user_id


async def test_a_log_line_about_a_fact_names_the_trace_and_the_request(
    make_newsroom: Any, make_process: Any, client_for: Any
) -> None:
    room: Newsroom = await make_newsroom()
    service = await room.reader()
    await run(service, "INSERT INTO tallies VALUES ('traced', 0, :full)", full=2**31 - 1)
    await _print(room, client_for, Principal(user_id=uuid4()))

    process = make_process("reader", room.environment(LOG_FORMAT="json"))
    process.serve()
    await eventually(lambda: letters_of(service, FACTS, room.topic), 30)
    assert await process.stop() == 0

    (letter,) = await letters_of(service, FACTS, room.topic)
    assert letter.traceparent.split("-")[1] == TRACE
    for event in ("fact failed", "record set aside"):
        lines = [line for line in process.lines if line["event"] == event]
        assert lines
        assert {(line["trace_id"], line["request_id"]) for line in lines} == {(TRACE, "request-7")}
