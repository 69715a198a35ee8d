"""Which operation a path belongs to, and which paths belong to none."""

import pytest

from atelier.gateway.routing import Missing, Route, RoutingError, RoutingTable, routing_table

LOGIN = [{"OAuth2PasswordBearer": []}]
CATALOG = {
    "openapi": "3.1.0",
    "paths": {
        "/api/v1/products/": {"get": {"security": LOGIN}, "post": {"security": LOGIN}},
        "/api/v1/products/{id}": {"get": {"security": LOGIN}, "delete": {"security": LOGIN}},
        "/api/v1/products/me": {"get": {"security": LOGIN}},
        "/api/v1/products/archived/{id}": {"get": {"security": LOGIN}},
        "/files/{path}": {"get": {"x-multi-segment": "path", "x-deadline-seconds": 90}},
        "/other/{path:path}": {"get": {}},
    },
}
PRODUCTION = {
    "openapi": "3.1.0",
    "paths": {
        "/api/v1/products/{product_id}/shots": {"get": {"security": LOGIN}},
        "/api/v1/products/{product_id}": {"patch": {"security": LOGIN}},
    },
}


@pytest.fixture(name="table")
def _table() -> RoutingTable:
    return routing_table({"catalog": CATALOG, "production": PRODUCTION})


def template(table: RoutingTable, method: str, path: str) -> str | None:
    found = table.find(method, path.encode())
    return found.template if isinstance(found, Route) else None


def allowed(table: RoutingTable, method: str, path: str) -> tuple[str, ...]:
    found = table.find(method, path.encode())
    assert isinstance(found, Missing)
    return found.allowed


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api/v1/products/", "/api/v1/products/"),
        ("GET", "/api/v1/products/7", "/api/v1/products/{id}"),
        ("GET", "/api/v1/products/me", "/api/v1/products/me"),
        ("PATCH", "/api/v1/products/7", "/api/v1/products/{product_id}"),
        ("GET", "/api/v1/products/7/shots", "/api/v1/products/{product_id}/shots"),
        ("GET", "/api/v1/products/archived/7", "/api/v1/products/archived/{id}"),
        ("GET", "/api/v1/products/caf%C3%A9%20x", "/api/v1/products/{id}"),
        ("GET", "/api/v1/products/a.b", "/api/v1/products/{id}"),
        ("GET", "/files/a/b/c.webp", "/files/{path}"),
        ("GET", "/other/a", "/other/{path:path}"),
    ],
)
def test_finds_the_operation(table: RoutingTable, method: str, path: str, expected: str) -> None:
    assert template(table, method, path) == expected


def test_static_first_but_a_method_may_be_found_behind_a_placeholder(table: RoutingTable) -> None:
    assert template(table, "DELETE", "/api/v1/products/me") == "/api/v1/products/{id}"


def test_a_static_segment_that_leads_nowhere_does_not_hide_a_placeholder(table: RoutingTable) -> None:
    assert template(table, "GET", "/api/v1/products/archived/shots") == "/api/v1/products/archived/{id}"
    assert template(table, "GET", "/api/v1/products/me/shots") == "/api/v1/products/{product_id}/shots"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/api/v1/products",  # the slash matters
        "/api/v1/products/7/",
        "/api/v1/products//7",
        "//api/v1/products/7",
        "/api/v1/products/7/shots/",
        "/api/v1/products/.",
        "/api/v1/products/..",
        "/api/v1/products/../products/7",
        "/api/v1/products/%2e%2e",
        "/api/v1/products/%2E",
        "/api/v1/products/.%2e",
        "/api/v1/products/7%2fshots",
        "/api/v1/products/7%2Fshots",
        "/api/v1/products/%5c",
        "/api/v1/products/a\\b",
        "/api/v1/products/%00",
        "/api/v1/products/a%0d%0ab",
        "/api/v1/products/%7f",
        "/api/v1/products/%c2%85",
        "/api/v1/products/%ff",
        "/api/v1/products/%c0%ae%c0%ae",
        "/api/v1/products/%ed%a0%80",
        "/api/v1/products/%",
        "/api/v1/products/%2",
        "/api/v1/products/%zz",
        "/api/v1/products/%+1",
        "/api/v1/products/<x>",
        "/api/v1/products/a b",
        "/api/v1/products/a#b",
        "/api/v1/products/a?b",
        "/api/v1/prod%75cts/7",
        "/API/v1/products/7",
        "http://elsewhere/api/v1/products/7",
        "*",
        "/files/",
        "/files/a//b",
        "/files/a/../b",
        "/files/%2e%2e/b",
        "/files/a/b/",
        "/internal/principals/7",
    ],
)
def test_what_could_be_read_in_two_ways_is_nothing(table: RoutingTable, path: str) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        found = table.find(method, path.encode())
        assert isinstance(found, Missing)
        assert not found.allowed


def test_bytes_beyond_ascii_are_nothing(table: RoutingTable) -> None:
    assert isinstance(table.find("GET", "/api/v1/products/é".encode()), Missing)
    assert isinstance(table.find("GET", b"/api/v1/products/\xff"), Missing)


def test_names_the_methods_that_a_path_takes(table: RoutingTable) -> None:
    assert allowed(table, "PUT", "/api/v1/products/7") == ("DELETE", "GET", "PATCH")
    assert allowed(table, "PUT", "/files/a/b") == ("GET",)
    assert allowed(table, "PUT", "/nowhere") == ()


def test_knows_whether_a_login_is_needed_and_how_long_it_may_take(table: RoutingTable) -> None:
    secured, files = table.find("GET", b"/api/v1/products/7"), table.find("GET", b"/files/a")
    assert isinstance(secured, Route)
    assert isinstance(files, Route)
    assert (secured.login, secured.deadline, secured.service) == (True, None, "catalog")
    assert (files.login, files.deadline) == (False, 90)


def test_a_documents_own_security_counts_unless_an_operation_lifts_it() -> None:
    paths = {"/a": {"get": {}}, "/b": {"get": {"security": []}}, "/c": {"get": {"security": [{}, *LOGIN]}}}
    table = routing_table({"catalog": {"paths": paths, "security": LOGIN}})
    found = [table.find("GET", path) for path in (b"/a", b"/b", b"/c")]
    assert [route.login for route in found if isinstance(route, Route)] == [True, False, False]


def test_two_services_may_not_claim_one_operation() -> None:
    other = {"paths": {"/api/v1/products/{other}": {"get": {}}}}
    with pytest.raises(RoutingError, match=r"GET /api/v1/products/\{other\} of production is already"):
        routing_table({"catalog": CATALOG, "production": other})


@pytest.mark.parametrize("path", ["/internal/products", "/health/ready", "/metrics", "/docs"])
def test_what_is_internal_or_the_gateways_own_is_never_routed(path: str) -> None:
    with pytest.raises(RoutingError, match="never routed"):
        routing_table({"catalog": {"paths": {path: {"get": {}}}}})
