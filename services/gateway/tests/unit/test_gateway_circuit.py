"""Circuits: opened by failures to connect, closed by a probe, never by a slow route."""

import asyncio

from atelier.gateway.addresses import Addresses
from atelier.gateway.circuit import FAILURES, Circuit
from atelier.gateway.shedding import Slots


class Service:
    """What a probe finds."""

    def __init__(self, *, speaks: bool) -> None:
        self.speaks = speaks
        self.asked = 0

    async def probe(self, url: str) -> bool:
        self.asked += 1
        return self.speaks

    async def probed(self, times: int) -> None:
        async with asyncio.timeout(5):
            while self.asked < times:
                await asyncio.sleep(0.005)
        await asyncio.sleep(0)


def fail(circuit: Circuit, times: int, *, refused: bool = False) -> None:
    for _ in range(times):
        circuit.failed(refused=refused)


async def test_opens_after_failures_in_a_row_and_closes_by_a_probe() -> None:
    service = Service(speaks=False)
    circuit = Circuit("http://a", service.probe)
    fail(circuit, FAILURES - 1)
    assert not circuit.open
    fail(circuit, 1)
    assert circuit.open
    await service.probed(2)
    assert circuit.open
    service.speaks = True
    await service.probed(service.asked + 1)
    assert not circuit.open


async def test_an_answer_between_failures_begins_the_count_anew() -> None:
    circuit = Circuit("http://a", Service(speaks=False).probe)
    for _ in range(3):
        fail(circuit, FAILURES - 1)
        circuit.answered()
    assert not circuit.open


async def test_a_late_answer_of_a_service_that_speaks_opens_nothing() -> None:
    service = Service(speaks=True)
    circuit = Circuit("http://a", service.probe)
    for _ in range(20):
        circuit.suspect()
        await asyncio.sleep(0)
        assert not circuit.open
    assert service.asked >= 1


async def test_a_late_answer_of_a_service_that_says_nothing_opens() -> None:
    service = Service(speaks=False)
    circuit = Circuit("http://a", service.probe)
    circuit.suspect()
    await service.probed(1)
    assert circuit.open
    circuit.close()


async def test_addresses_take_turns_without_those_that_are_open() -> None:
    service = Service(speaks=False)
    circuits = [Circuit(f"http://{name}", service.probe) for name in "abc"]
    addresses = Addresses(circuits, Slots("catalog", 1, 1))
    assert [addresses.in_turn()[0] for _ in range(4)] == ["http://b", "http://c", "http://a", "http://b"]
    fail(circuits[1], FAILURES)
    assert all("http://b" not in addresses.in_turn() for _ in range(3))
    for circuit in circuits:
        fail(circuit, FAILURES)
    assert addresses.in_turn() == ()
    addresses.close()


async def test_those_that_refuse_at_once_are_asked_last() -> None:
    """One may listen again before its probe finds out: a rolling restart must not wait for that."""
    service = Service(speaks=False)
    circuits = [Circuit(f"http://{name}", service.probe) for name in "abc"]
    addresses = Addresses(circuits, Slots("catalog", 1, 1))
    fail(circuits[0], FAILURES, refused=True)
    assert [addresses.in_turn()[-1] for _ in range(3)] == ["http://a"] * 3
    fail(circuits[1], FAILURES)
    fail(circuits[2], FAILURES, refused=True)
    circuits[2].suspect()  # it took the connection meanwhile and said nothing
    assert addresses.in_turn() == ("http://a",)
    addresses.close()


async def test_retries_are_bounded() -> None:
    addresses = Addresses([Circuit("http://a", Service(speaks=True).probe)], Slots("catalog", 1, 1))
    assert sum(addresses.may_retry() for _ in range(1000)) < 20
