"""The committed document is what the application serves: the gateway routes and documents by it."""

import json
from pathlib import Path

from atelier.identity.bootstrap import declare
from atelier.identity.settings import Settings
from atelier.runtime.http.app import public_document
from atelier.runtime.service import app_of

COMMITTED = Path(__file__).parents[2] / "openapi.json"
WITHOUT_LOGIN = {
    "/api/v1/login/access-token",
    "/api/v1/login/refresh",
    "/api/v1/users/register",
    "/.well-known/jwks.json",
}


def test_the_committed_document_is_the_applications() -> None:
    document = public_document(app_of(declare(Settings.for_document())))
    assert json.loads(COMMITTED.read_text()) == document, "write it anew: python -m atelier.identity openapi"


def test_every_operation_but_the_login_and_its_keys_needs_a_login() -> None:
    paths = json.loads(COMMITTED.read_text())["paths"]
    assert set(paths) >= WITHOUT_LOGIN
    for path, operations in paths.items():
        for operation in operations.values():
            expected = None if path in WITHOUT_LOGIN else [{"OAuth2PasswordBearer": []}]
            assert operation.get("security") == expected


def test_nothing_internal_is_documented() -> None:
    assert not any(path.startswith("/internal") for path in json.loads(COMMITTED.read_text())["paths"])
