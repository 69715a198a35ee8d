"""What goes on to a service, and what doesn't."""

import pytest

from atelier.gateway.answers import Refusal
from atelier.gateway.exchange import Exchange


def scope(*headers: tuple[bytes, bytes]) -> dict[str, object]:
    return {
        "type": "http",
        "method": "POST",
        "raw_path": b"/api/v1/x",
        "query_string": b"",
        "client": ("203.0.113.9", 4711),
        "headers": list(headers),
    }


def sent_on(*headers: tuple[bytes, bytes]) -> dict[str, str]:
    exchange = Exchange(scope(*headers))
    exchange.prepare_headers(scope(*headers))
    return {name.lower(): value for name, value in exchange.headers.items()}


@pytest.mark.parametrize(
    "name",
    [
        b"x-user-id",
        b"x-user",
        b"x-principal",
        b"x-principal-superuser",
        b"x-internal-token",
        b"x-internal",
        b"x-forwarded-user",
        b"x-forwarded-host",
        b"x-forwarded-proto",
        b"x-auth-request-user",
        b"x-organization-id",
        b"x-remote-user",
        b"x-real-ip",
        b"x-original-url",
        b"forwarded",
        b"via",
        b"authorization",
        b"host",
        b"proxy-authorization",
        b"te",
        b"trailer",
        b"upgrade",
        b"keep-alive",
        b"http2-settings",
        b"expect",
    ],
)
def test_claims_and_hop_by_hop_headers_end_here(name: bytes) -> None:
    assert name.decode() not in sent_on((name, b"evil"))


def test_ordinary_headers_go_on_as_they_came() -> None:
    headers = sent_on(
        (b"accept", b"application/json"),
        (b"idempotency-key", b"k"),
        (b"if-match", b'"3"'),
        (b"x-custom", "größe".encode()),
    )
    assert headers["accept"] == "application/json"
    assert headers["idempotency-key"] == "k"
    assert headers["if-match"] == '"3"'
    assert headers["x-custom"] == "größe"


def test_headers_named_by_connection_end_here_and_cannot_remove_our_own() -> None:
    headers = sent_on((b"connection", b"X-Custom, x-request-id, X-Forwarded-For"), (b"x-custom", b"1"))
    assert "x-custom" not in headers
    assert headers["x-forwarded-for"] == "203.0.113.9"
    assert headers["x-request-id"]


def test_the_callers_address_is_the_peers_whatever_it_claims() -> None:
    assert sent_on((b"x-forwarded-for", b"10.0.0.1"))["x-forwarded-for"] == "203.0.113.9"


@pytest.mark.parametrize("sane", [b"abc", b"A-1_2.3", b"x" * 64])
def test_a_sane_request_id_is_kept(sane: bytes) -> None:
    assert sent_on((b"x-request-id", sane))["x-request-id"] == sane.decode()


@pytest.mark.parametrize("strange", [b"", b"x" * 65, b"a b", b"a\tb", b"a;b", b"\xff", b"{}", b"abc\n"])
def test_any_other_is_replaced(strange: bytes) -> None:
    assert len(sent_on((b"x-request-id", strange))["x-request-id"]) == 36


def test_a_value_that_is_no_utf8_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        sent_on((b"x-custom", b"\xff"))
    assert refused.value.status == 400


def test_many_different_header_names_cost_no_memory() -> None:
    from atelier.gateway import exchange

    for number in range(3 * exchange._VERDICTS_LIMIT):
        sent_on((b"x-%d" % number, b"1"))
    assert len(exchange._verdicts) <= exchange._VERDICTS_LIMIT
