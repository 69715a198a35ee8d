"""W3C trace context at the door."""

import re

import pytest

from atelier.gateway.tracing import next_traceparent, start_span_with

VALID = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def test_a_valid_one_goes_on_with_a_span_of_ours() -> None:
    child = next_traceparent(f"00-{TRACE}-{SPAN}-00".encode())
    assert VALID.fullmatch(child)
    assert child.split("-")[1] == TRACE
    assert child.split("-")[2] != SPAN
    assert child.endswith("-00")


@pytest.mark.parametrize(
    "incoming",
    [
        None,
        b"",
        b"garbage",
        f"00-{'0' * 32}-{SPAN}-01".encode(),
        f"00-{TRACE}-{'0' * 16}-01".encode(),
        f"00-{TRACE.upper()}-{SPAN}-01".encode(),
        f"ff-{TRACE}-{SPAN}-01".encode(),
        f"00-{TRACE}-{SPAN}-01-more".encode(),
    ],
)
def test_any_other_begins_a_new_trace(incoming: bytes | None) -> None:
    begun = next_traceparent(incoming)
    assert VALID.fullmatch(begun)
    assert begun.split("-")[1] != TRACE


def test_without_an_exporter_nothing_is_recorded_and_the_header_is_there() -> None:
    with start_span_with(None)("GET", None) as traceparent:
        assert VALID.fullmatch(traceparent)
