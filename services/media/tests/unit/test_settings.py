"""Settings come from the environment; what is wrong is said in one sentence each."""

import pytest
from typer.testing import CliRunner

from atelier.media.main import app
from atelier.media.settings import Settings

ENVIRONMENT = {
    "MEDIA_DATABASE_URL": "postgresql://user:hunter2@db/media",
    "KAFKA_BOOTSTRAP_SERVERS": "kafka:9092",
    "INTERNAL_TOKEN_SECRET": "x" * 32,
    "CDN_URL": "http://cdn/",
    "S3_ENDPOINT_URL": "http://s3:9000",
    "S3_BUCKET": "atelier",
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "hunter2",
    "MEDIA_FETCH_ALSO_FROM": "images.internal:8080, 10.0.0.1:80",
    "MAX_JSON_BYTES": "1000",
    "IDENTITY_URLS": "http://one:8001, http://two:8001",
}


def test_own_ones_are_prefixed_and_shared_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    settings = Settings()  # type: ignore[call-arg]
    assert settings.database_url.get_secret_value() == ENVIRONMENT["MEDIA_DATABASE_URL"]
    assert settings.urls_of("identity") == ("http://one:8001", "http://two:8001")
    assert settings.port == 8003
    assert settings.cdn_url == "http://cdn"
    assert settings.fetch_also_from == ("images.internal:8080", "10.0.0.1:80")
    assert settings.max_json_bytes > settings.max_inline_bytes * 4 / 3, "not the limit of the others"
    assert "hunter2" not in repr(settings)


def test_missing_ones_end_the_command_with_a_sentence_each(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MEDIA_DATABASE_URL")
    monkeypatch.setenv("INTERNAL_TOKEN_SECRET", "short")
    result = CliRunner().invoke(app, ["migrate"])
    assert result.exit_code == 2
    assert len(result.output.strip().splitlines()) == 2
    assert "database_url" in result.output.lower()
    assert "short" not in result.output
