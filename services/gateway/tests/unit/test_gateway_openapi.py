"""The merged document: complete, consistent, and refused where services contradict each other."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from atelier.gateway.bootstrap import merged_document
from atelier.gateway.openapi import DocumentError, merge, read_documents

LOGIN = [{"OAuth2PasswordBearer": []}]
LOGIN_OR_KEY = [*LOGIN, {"ApiKey": []}]


def document(path: str, operation_id: str, **more: Any) -> dict[str, Any]:
    operation = {"operationId": operation_id, "tags": ["things"], "security": LOGIN}
    return {"openapi": "3.1.0", "paths": {path: {"get": operation}}, "tags": [{"name": "things"}], **more}


def schemas(**models: Any) -> dict[str, Any]:
    scheme = {"type": "oauth2", "flows": {"password": {"scopes": {}, "tokenUrl": "elsewhere"}}}
    return {"components": {"schemas": models, "securitySchemes": {"OAuth2PasswordBearer": scheme}}}


def test_merges_paths_models_and_tags() -> None:
    merged = merge(
        {
            "catalog": document("/a/", "a", **schemas(A={"type": "object"}, Shared={"type": "string"})),
            "production": document("/b/", "b", **schemas(B={"type": "object"}, Shared={"type": "string"})),
        }
    )
    assert merged["openapi"].startswith("3.1")
    assert set(merged["paths"]) == {"/a/", "/b/", "/health", "/health/services"}
    assert set(merged["components"]["schemas"]) == {"A", "B", "Shared", "ErrorDetail"}
    assert [tag["name"] for tag in merged["tags"]] == ["things", "health"]
    scheme = merged["components"]["securitySchemes"]["OAuth2PasswordBearer"]
    assert scheme["flows"]["password"]["tokenUrl"] == "/api/v1/login/access-token"


def test_services_may_share_a_path() -> None:
    other = {"openapi": "3.1.0", "paths": {"/a/": {"post": {"operationId": "make"}}}}
    merged = merge({"catalog": document("/a/", "a"), "production": other})
    assert set(merged["paths"]["/a/"]) == {"get", "post"}


def test_a_model_that_two_services_show_differently_is_refused() -> None:
    one, other = schemas(A={"type": "object"}), schemas(A={"type": "string"})
    with pytest.raises(DocumentError, match="production shows another A"):
        merge({"catalog": document("/a/", "a", **one), "production": document("/b/", "b", **other)})


def test_an_operation_id_that_is_there_twice_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"GET /a/ and GET /b/ have the same operationId, a\."):
        merge({"catalog": document("/a/", "a"), "production": document("/b/", "a")})


def test_security_of_a_whole_document_is_kept_with_its_operations() -> None:
    merged = merge({"catalog": {"paths": {"/a": {"get": {}}}, "security": LOGIN}})
    assert merged["paths"]["/a"]["get"]["security"] == LOGIN_OR_KEY
    assert "security" not in merged["paths"]["/health"]["get"]


def test_a_placeholder_of_many_segments_is_shown_as_a_plain_one() -> None:
    merged = merge({"media": {"paths": {"/files/{path:path}": {"get": {}}}}})
    assert "/files/{path}" in merged["paths"]


def test_every_operation_shows_what_the_gateway_may_answer_and_keeps_its_own_words() -> None:
    own = {"responses": {"503": {"description": "Mine."}}}
    merged = merge({"catalog": {"paths": {"/a": {"get": own, "post": {}}}}})
    for method in ("get", "post"):
        assert set(merged["paths"]["/a"][method]["responses"]) >= {"429", "502", "503", "504"}
    assert merged["paths"]["/a"]["get"]["responses"]["503"] == {"description": "Mine."}
    assert "ErrorDetail" in merged["components"]["schemas"]


def test_reads_one_document_a_service(tmp_path: Path) -> None:
    for name in ("catalog", "identity"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "openapi.json").write_bytes(orjson.dumps(document(f"/{name}", name)))
    (tmp_path / "gateway").mkdir()
    assert list(read_documents(tmp_path)) == ["catalog", "identity"]


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"{", "can't be read"), (b'{"openapi": "3.0.3"}', "no OpenAPI 3.1")]
)
def test_says_which_document_is_unusable(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "openapi.json").write_bytes(content)
    with pytest.raises(DocumentError, match=rf"catalog/openapi\.json.*{sentence}"):
        read_documents(tmp_path)


def test_says_what_to_set_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="GATEWAY_OPENAPI_DIR"):
        read_documents(tmp_path)


def test_the_committed_documents_fit_together() -> None:
    """Every operation has an id of its own, and those of the API need a login, or take a key, or neither."""
    services = Path(__file__).resolve().parents[3]
    merged = merged_document(read_documents(services))
    for template, item in merged["paths"].items():
        for operation in item.values():
            assert operation["operationId"], template
            logins = LOGIN if operation["x-access"].get("keys") is False else LOGIN_OR_KEY
            assert operation.get("security", []) in ([], logins), template
