"""Every operation says who may ask for it, by one of the named policies."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from atelier.runtime.http import access

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*sorted(ROOT.glob("services/*/openapi.json")), ROOT / "docs" / "openapi.json"]
POLICIES = [
    policy[access.EXTENSION]
    for policy in vars(access).values()
    if isinstance(policy, dict) and access.EXTENSION in policy
]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.parent.name)
def test_every_operation_declares_who_may_ask_for_it(document: Path) -> None:
    """Each service holds its committed document to its app, and the gateway the merged one to theirs."""
    paths = json.loads(document.read_text())["paths"]
    operations = [operation for item in paths.values() for operation in item.values()]
    assert operations
    undeclared = [one["operationId"] for one in operations if one.get(access.EXTENSION) not in POLICIES]
    assert not undeclared, "put openapi_extra=access.… beside their routes"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.parent.name)
def test_what_needs_a_login_and_what_is_open_agree_with_it(document: Path) -> None:
    paths = json.loads(document.read_text())["paths"]
    for item in paths.values():
        for operation in item.values():
            is_open = operation[access.EXTENSION] == access.OPEN[access.EXTENSION]
            assert is_open is not bool(operation.get("security")), operation["operationId"]
