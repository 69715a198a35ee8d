"""More than a service can do: what it can do it does, and the others hear so at once."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from small_servers import answer, plain, served

HANDS, WORK_SECONDS, CLIENTS = 4, 0.1, 20
LIMIT = 2 * HANDS  # so that none of them waits for work
OPEN = "/api/v1/open"


class Busy:
    """A service that does so much at once; how much it ever had in hand is written down."""

    def __init__(self) -> None:
        self._hands = asyncio.Semaphore(HANDS)
        self._in_hand = 0
        self.most = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self._in_hand += 1
        self.most = max(self.most, self._in_hand)
        async with self._hands:
            await asyncio.sleep(WORK_SECONDS)
        self._in_hand -= 1
        await answer(send, 200, {})


@dataclass
class Told:
    """Answers by kind: how many were good, and how long the refusals took, in seconds."""

    good: int = 0
    refused: list[float] = field(default_factory=list)
    other: list[int] = field(default_factory=list)
    retry_after: set[str] = field(default_factory=set)
    seconds: float = 0

    @property
    def goodput(self) -> float:
        """Good answers a second."""
        return self.good / self.seconds


async def load(url: str, clients: int, seconds: float) -> Told:
    """Ask from so many clients; whoever is refused comes again a little later."""
    told, start = Told(), time.perf_counter()

    async def client(http: aiohttp.ClientSession) -> None:
        while time.perf_counter() - start < seconds:
            began = time.perf_counter()
            async with http.get(url) as response:
                await response.read()
            if response.status == 503:
                told.refused.append(time.perf_counter() - began)
                told.retry_after.add(response.headers.get("Retry-After", ""))
                await asyncio.sleep(WORK_SECONDS)
            elif response.status == 200:
                told.good += 1
            else:
                told.other.append(response.status)

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        await asyncio.gather(*(client(http) for _ in range(clients)))
    told.seconds = time.perf_counter() - start
    return told


async def test_overload_costs_no_goodput_and_refusals_are_quick(another: Any) -> None:
    busy = Busy()
    async with served(plain(busy), 0) as catalog:
        url = (
            await another(catalog_urls=catalog, concurrency_per_address=LIMIT, queue_per_address=HANDS) + OPEN
        )
        peak = await load(url, HANDS, 1)
        over = await load(url, CLIENTS, 2)
    assert [peak.refused, peak.other, over.other] == [[], [], []]
    assert busy.most <= LIMIT
    assert over.goodput >= 0.8 * peak.goodput
    assert over.refused
    assert sorted(over.refused)[len(over.refused) // 2] < 0.2  # this loop has all the clients, too
    assert over.retry_after == {"1"}


@pytest.mark.parametrize("leaves", [False, True])
async def test_slots_come_back_whatever_happens_to_a_request(door: Any, another: Any, leaves: bool) -> None:
    url = await another(concurrency_per_address=2, queue_per_address=0)
    for _ in range(4):
        if leaves:
            with pytest.raises(TimeoutError):
                await door.http.get(f"{url}/api/v1/hang", timeout=aiohttp.ClientTimeout(total=0.1))
            await door.until(lambda: door.catalog.in_hand == 0)
        else:
            async with door.http.get(f"{url}/api/v1/half") as response:
                assert response.status == 502
    async with door.http.get(url + OPEN) as response:
        assert response.status == 200


async def test_one_service_with_its_hands_full_leaves_the_others_alone(door: Any, another: Any) -> None:
    async def never(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    url = await another(concurrency_per_address=1, queue_per_address=0)
    door.production.behaviour, before = never, door.production.connections
    hanging = asyncio.create_task(_status(door, f"{url}/api/v1/raw"))
    await door.until(lambda: door.production.connections > before)
    assert await _status(door, f"{url}/api/v1/raw") == 503
    assert await _status(door, url + OPEN) == 200
    assert await hanging == 504


async def _status(door: Any, url: str) -> int:
    async with door.http.get(url) as response:
        return int(response.status)
