"""Settings come from the environment; what is wrong is said in one sentence each."""

import pytest
from typer.testing import CliRunner

from atelier.generation.main import app
from atelier.generation.settings import Settings

ENVIRONMENT = {
    "GENERATION_DATABASE_URL": "postgresql://user:hunter2@db/generation",
    "KAFKA_BOOTSTRAP_SERVERS": "kafka:9092",
    "INTERNAL_TOKEN_SECRET": "x" * 32,
    "CDN_URL": "https://cdn.example.com",
    "S3_ENDPOINT_URL": "http://s3:8333",
    "S3_BUCKET": "atelier",
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "IDENTITY_URLS": "http://one:8001, http://two:8001",
}


def test_own_ones_are_prefixed_and_shared_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    settings = Settings()  # type: ignore[call-arg]
    assert settings.database_url.get_secret_value() == ENVIRONMENT["GENERATION_DATABASE_URL"]
    assert settings.urls_of("identity") == ("http://one:8001", "http://two:8001")
    assert settings.port == 8005
    assert "hunter2" not in repr(settings)


def test_missing_ones_end_the_command_with_a_sentence_each(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("GENERATION_DATABASE_URL")
    monkeypatch.setenv("INTERNAL_TOKEN_SECRET", "short")
    result = CliRunner().invoke(app, ["migrate"])
    assert result.exit_code == 2
    assert len(result.output.strip().splitlines()) == 2
    assert "database_url" in result.output.lower()
    assert "short" not in result.output
