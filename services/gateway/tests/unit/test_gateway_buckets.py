"""Token buckets: what is allowed when, and what the headers say."""

import pytest

from atelier.gateway import buckets
from atelier.gateway.buckets import Buckets, Rate


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_rate_is_read_as_requests_and_seconds() -> None:
    assert Rate.parse("600/60") == Rate(600, 60.0)


@pytest.mark.parametrize(
    "text", ["", "600", "600/", "/60", "0/60", "-1/60", "600/0", "600/-1", "a/b", "1/1e9"]
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Rate.parse(text)


def test_a_full_bucket_gives_all_at_once_and_refills_evenly() -> None:
    clock = Clock()
    taken = Buckets(Rate(3, 6), clock)
    assert [taken.take("a").remaining for _ in range(3)] == [2, 1, 0]
    empty = taken.take("a")
    assert (empty.allowed, empty.remaining, empty.retry_after, empty.reset) == (False, 0, 2, 6)
    clock.now += 2
    assert taken.take("a").allowed
    assert not taken.take("a").allowed


def test_a_refusal_takes_nothing_so_patience_is_rewarded() -> None:
    clock = Clock()
    taken = Buckets(Rate(1, 10), clock)
    taken.take("a")
    for _ in range(100):
        assert not taken.take("a").allowed
    clock.now += 10
    assert taken.take("a").allowed


def test_each_key_has_its_own() -> None:
    taken = Buckets(Rate(1, 60))
    assert taken.take("a").allowed
    assert taken.take("b").allowed
    assert not taken.take("a").allowed


def test_many_keys_cost_no_memory_and_busy_ones_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "_KEPT", 10)
    taken = Buckets(Rate(1, 1000))
    taken.take("busy")
    for number in range(100):
        taken.take(number)
        assert not taken.take("busy").allowed
    assert len(taken._levels) == 10
