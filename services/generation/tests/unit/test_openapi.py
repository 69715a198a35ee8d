"""The committed document is what the application serves: the gateway routes and documents by it."""

import json
from pathlib import Path

from atelier.generation.bootstrap import declare
from atelier.generation.settings import Settings
from atelier.runtime.http.app import public_document
from atelier.runtime.service import app_of

COMMITTED = Path(__file__).parents[2] / "openapi.json"


def test_the_committed_document_is_the_applications() -> None:
    document = public_document(app_of(declare(Settings.for_document())))
    assert json.loads(COMMITTED.read_text()) == document, (
        "write it anew: python -m atelier.generation openapi"
    )


def test_every_operation_needs_a_login() -> None:
    document = json.loads(COMMITTED.read_text())
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert operations
    assert all(operation["security"] == [{"OAuth2PasswordBearer": []}] for operation in operations)
