"""The committed document is what the application serves: the gateway routes and documents by it."""

import json
from pathlib import Path

from atelier.media.bootstrap import declare
from atelier.media.settings import Settings
from atelier.runtime.http.app import public_document
from atelier.runtime.service import app_of

COMMITTED = Path(__file__).parents[2] / "openapi.json"


def test_the_committed_document_is_the_applications() -> None:
    document = public_document(app_of(declare(Settings.for_document())))
    assert json.loads(COMMITTED.read_text()) == document, "write it anew: python -m atelier.media openapi"


def test_every_operation_but_files_needs_a_login() -> None:
    document = json.loads(COMMITTED.read_text())
    logins = {
        path: [operation.get("security") for operation in operations.values()]
        for path, operations in document["paths"].items()
    }
    assert logins.pop("/files/{file_path}") == [None]
    assert logins
    assert all(login == [{"OAuth2PasswordBearer": []}] for of_path in logins.values() for login in of_path)


def test_the_gateway_is_told_that_a_files_path_has_many_segments() -> None:
    document = json.loads(COMMITTED.read_text())
    assert document["paths"]["/files/{file_path}"]["get"]["x-multi-segment"] == "file_path"


def test_internal_operations_are_in_no_document() -> None:
    assert not [path for path in json.loads(COMMITTED.read_text())["paths"] if path.startswith("/internal")]
