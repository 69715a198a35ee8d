"""Who counts as the same when passwords are guessed."""

from datetime import timedelta

import pytest

from atelier.identity.attempts.use_cases import Attempts, Limit, Throttle

THROTTLE = Throttle(Limit(5, timedelta(minutes=10)), Limit(50, timedelta(minutes=1)), timedelta(minutes=15))


def address_of(client: str | None) -> str | None:
    return Attempts.of(THROTTLE, "mira@example.com", client).address


@pytest.mark.parametrize(
    ("client", "key"),
    [
        ("192.0.2.7", "address:192.0.2.7"),
        ("::ffff:192.0.2.7", "address:192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "address:2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "address:2001:db8:1:2::/64"),
        ("::1", "address:::/64"),
        ("", None),
        (None, None),
        ("192.0.2.7, 198.51.100.1", None),
        ("localhost", None),
    ],
)
def test_an_address_is_a_host_or_an_ipv6_network(client: str | None, key: str | None) -> None:
    assert address_of(client) == key


def test_an_account_is_the_same_however_it_is_written_and_never_kept_as_typed() -> None:
    keys = {Attempts.of(THROTTLE, typed, None).account for typed in ("Mira@x.org", " mira@X.org ")}
    assert len(keys) == 1
    assert "mira" not in keys.pop()
    assert Attempts.of(THROTTLE, "\ud800", None).account.startswith("account:")


def test_each_kind_has_its_own_limit() -> None:
    attempts = Attempts.of(THROTTLE, "mira@example.com", "192.0.2.7")
    assert THROTTLE.limit_of(attempts.account) is THROTTLE.account
    assert THROTTLE.limit_of(attempts.address or "") is THROTTLE.address
