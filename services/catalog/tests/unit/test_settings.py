"""Settings come from the environment; what is wrong is said in one sentence each."""

import pytest
from typer.testing import CliRunner

from atelier.catalog.main import app
from atelier.catalog.settings import Settings

ENVIRONMENT = {
    "CATALOG_DATABASE_URL": "postgresql://user:hunter2@db/catalog",
    "KAFKA_BOOTSTRAP_SERVERS": "kafka:9092",
    "INTERNAL_TOKEN_SECRET": "x" * 32,
    "IDENTITY_URLS": "http://one:8001, http://two:8001",
    "CDN_URL": "http://cdn.example.org/",
    "CATALOG_MAX_JSON_BYTES": "1000",
    "MAX_JSON_BYTES": "7",
}


def test_own_ones_are_prefixed_and_shared_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    settings = Settings()  # type: ignore[call-arg]
    assert settings.database_url.get_secret_value() == ENVIRONMENT["CATALOG_DATABASE_URL"]
    assert settings.urls_of("identity") == ("http://one:8001", "http://two:8001")
    assert settings.port == 8002
    assert settings.cdn_url == "http://cdn.example.org"
    assert settings.max_json_bytes == 1000
    assert "hunter2" not in repr(settings)


def test_missing_ones_end_the_command_with_a_sentence_each(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("CATALOG_DATABASE_URL")
    monkeypatch.setenv("INTERNAL_TOKEN_SECRET", "short")
    result = CliRunner().invoke(app, ["migrate"])
    assert result.exit_code == 2
    assert len(result.output.strip().splitlines()) == 2
    assert "database_url" in result.output.lower()
    assert "short" not in result.output
