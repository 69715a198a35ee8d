"""Where a service listens: which address is next, and how much it is asked at once."""

from __future__ import annotations

from collections.abc import Sequence

from atelier.gateway.buckets import Buckets, Rate
from atelier.gateway.circuit import Circuit
from atelier.gateway.shedding import Slots

_RETRIES = Rate(10, 1)
"""At most so many a second: where more fails, asking again is what keeps a service down."""


class Addresses:
    """Of one service; each request begins with the next one whose circuit is closed."""

    def __init__(self, circuits: Sequence[Circuit], slots: Slots) -> None:
        self.slots = slots
        self._circuits = tuple(circuits)
        self._next = 0
        self._retries = Buckets(_RETRIES)

    def circuits(self) -> Sequence[Circuit]:
        """Those to try, in that order: the closed ones, then those that refuse connections at once, as
        one may have begun to listen since, as in a rolling restart, before its probe found out."""
        circuits = self._circuits
        if len(circuits) > 1:
            at = self._next = (self._next + 1) % len(circuits)
            circuits = circuits[at:] + circuits[:at]
        closed = [circuit for circuit in circuits if not circuit.open]
        return closed + [circuit for circuit in circuits if circuit.open and circuit.refuses]

    def in_turn(self) -> tuple[str, ...]:
        """The same as addresses."""
        return tuple(circuit.url for circuit in self.circuits())

    def may_retry(self) -> bool:
        """Whether one more request may be sent again; counts it."""
        return self._retries.take("").allowed

    def close(self) -> None:
        """End the probes."""
        for circuit in self._circuits:
            circuit.close()
