"""Examples of the merged document are what they say: they fit their schemas, and the services read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from fastapi.params import Form

DOCUMENT = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text())
OPERATIONS = {
    operation["operationId"]: operation for item in DOCUMENT["paths"].values() for operation in item.values()
}
SERVICES = ("identity", "catalog", "media", "production", "generation", "export")


def contents(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each body and answer of an operation that has a content, by `body` or its status."""
    for media in operation.get("requestBody", {}).get("content", {}).values():
        yield "body", media
    for status, response in operation["responses"].items():
        for media in response.get("content", {}).values():
            yield status, media


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_body_and_answer_has_an_example_that_fits(name: str) -> None:
    for what, media in contents(OPERATIONS[name]):
        whole = {**media["schema"], "components": DOCUMENT["components"]}
        validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        assert [str(error) for error in validator.iter_errors(media["example"])] == [], what


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_sent_as_an_example_is_read_by_its_route(service: str) -> None:
    bootstrap = import_module(f"atelier.{service}.bootstrap")
    settings = import_module(f"atelier.{service}.settings").Settings.for_document()
    for router in bootstrap.declare(settings).routers:
        for route in router.routes:
            body = getattr(route, "body_field", None)
            if body is None or not route.include_in_schema or isinstance(body.field_info, Form):
                continue
            sent = OPERATIONS[route.name]["requestBody"]["content"]["application/json"]["example"]
            _, problems = body.validate(sent, {}, loc=("body",))
            assert not problems, f"{route.name}: {problems}"


def test_a_refusal_is_documented_wherever_it_can_be_answered() -> None:
    for name, operation in OPERATIONS.items():
        told, body = set(operation["responses"]), operation.get("requestBody", {}).get("content", {})
        if name in ("gateway_health", "services_health"):
            continue
        assert {"422", "429", "502", "503", "504"} <= told, name
        assert ("413" in told, "415" in told) == (bool(body), "application/json" in body), name
        if operation.get("security"):
            assert {"401", "403", "404"} <= told, name
        if any(one["name"] == "if-match" for one in operation.get("parameters", ())):
            assert "412" in told, name
