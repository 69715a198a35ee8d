"""A batch whose handling fails isn't committed: it comes again, with nothing left out."""

from __future__ import annotations

from collections.abc import Sequence

from newsroom import TOPIC, Newsroom, fact, issue

from atelier.runtime.messaging.records import Record
from atelier.runtime.messaging.subscriptions import Subscriptions


class FailsAtFirst:
    """A group that can't handle its first batch, nor the one after."""

    name = "fails-at-first"
    topics = (TOPIC,)

    def __init__(self) -> None:
        self.failures = 0
        self.handled: list[bytes | None] = []

    async def handle(self, records: Sequence[Record]) -> None:
        """Fail twice, then note what came."""
        if self.failures < 2:
            self.failures += 1
            raise RuntimeError("nothing to do with the data")
        self.handled += [record.key for record in records]


async def test_a_batch_that_fails_comes_again(room: Newsroom) -> None:
    group = FailsAtFirst()
    records = [fact(issue("failing")) for _ in range(50)]
    subscriptions = Subscriptions(
        bootstrap_servers=room.bootstrap_servers,
        client_id="fails-at-first",
        groups=[group],
        topic_prefix=room.prefix,
        group_prefix=room.prefix,
    )
    await room.send(*records)
    await subscriptions.run()
    try:
        await room.settled([group.name], within=20)
    finally:
        await subscriptions.stop()
    assert group.failures == 2
    assert sorted(group.handled) == sorted(record.key for record in records)
