"""A handler's own timeout or missing file isn't a database that is away: the fact is a dead letter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from newsroom import FACTS, consuming, fact, issue, letters_of
from sqlalchemy import text

from atelier.runtime.messaging.facts import ATTEMPTS
from atelier.runtime.messaging.records import Fact
from atelier.runtime.service import Declaration
from atelier.runtime.unit_of_work import UnitOfWork
from example.issues import IssuePrinted


async def _times_out(uow: UnitOfWork) -> None:
    raise TimeoutError("somewhere else")


async def _misses_a_file(uow: UnitOfWork) -> None:
    raise FileNotFoundError("template.html")


async def _asks_too_much(uow: UnitOfWork) -> None:
    session = await uow.session()
    await session.execute(text("SET LOCAL statement_timeout = 50"))
    await session.execute(text("SELECT pg_sleep(5)"))


@pytest.mark.parametrize("fails", [_times_out, _misses_a_file, _asks_too_much])
async def test_a_fact_whose_handler_always_fails_is_a_dead_letter(make_newsroom: Any, fails: Any) -> None:
    tried = 0

    async def handler(uow: UnitOfWork, _: Fact[Any]) -> None:
        nonlocal tried
        tried += 1
        await fails(uow)

    def failing(declared: Declaration) -> Declaration:
        return replace(declared, facts={IssuePrinted: handler})

    room = await make_newsroom()
    service = await room.reader(failing)
    async with consuming(service):
        await room.send(fact(issue("late")))
        await room.settled()

    (letter,) = await letters_of(service, FACTS, room.topic)
    assert (letter.reason, tried) == ("handler", ATTEMPTS)
