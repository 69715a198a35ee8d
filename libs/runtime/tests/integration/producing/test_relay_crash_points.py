"""kill -9 of press at each point of the way from a write to its event's end."""

from __future__ import annotations

import signal

import pytest
from pressroom import Place, assert_told, pressing, writing


@pytest.mark.parametrize("point", ["before_commit:12", "after_commit:12", "after_send:3", "before_mark:3"])
async def test_a_write_and_its_event_survive_a_kill(place: Place, point: str) -> None:
    """Answered writes are told of, unanswered ones are told of or never were."""
    async with pressing(place, ATELIER_CRASH_AT=point) as press, writing([press.url]) as ledger:
        assert await press.ended() == -signal.SIGKILL, "the crash point was hit"
    assert ledger.writes > 0
    async with pressing(place):
        await place.drained()
    told = await assert_told(place, ledger)
    if point.startswith(("after_send", "before_mark")):
        assert len(told) > sum((await place.versions()).values()), "what was sent is sent again"
