"""What a person may set in the environment before `make run`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from atelier.stack.errors import StackError

PROJECT = Path(__file__).resolve().parents[4]


@dataclass(frozen=True)
class Settings:
    """Where the stack keeps its data, where the gateway listens, and which parts are elsewhere."""

    data_dir: Path
    kafka_jars: Path
    gateway_host: str = "127.0.0.1"
    gateway_port: int = 8000
    kafka_bootstrap_servers: str | None = None
    kafka_topic_prefix: str = ""
    postgres_admin_url: str | None = None
    s3_endpoint_url: str | None = None
    s3_bucket: str = "atelier"
    cdn_url: str | None = None
    s3_access_key: str | None = None
    s3_secret_key: str | None = None
    internal_token_secret: str | None = None
    first_superuser_email: str | None = None
    first_superuser_password: str | None = None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """From environment variables, an empty one counting as unset; StackError for a bad one."""
        given = {name: value for name, value in environment.items() if value.strip()}
        settings = cls(
            data_dir=Path(given.get("DATA_DIR", PROJECT / ".data")).expanduser().absolute(),
            kafka_jars=Path(given.get("KAFKA_JARS", PROJECT / ".cache/kafka")).expanduser().absolute(),
            gateway_host=given.get("GATEWAY_HOST", "127.0.0.1"),
            gateway_port=_port("GATEWAY_PORT", given.get("GATEWAY_PORT", "8000")),
            kafka_bootstrap_servers=given.get("KAFKA_BOOTSTRAP_SERVERS"),
            kafka_topic_prefix=given.get("KAFKA_TOPIC_PREFIX", ""),
            postgres_admin_url=given.get("POSTGRES_ADMIN_URL"),
            s3_endpoint_url=given.get("S3_ENDPOINT_URL"),
            s3_bucket=given.get("S3_BUCKET", "atelier"),
            cdn_url=given.get("CDN_URL"),
            s3_access_key=given.get("AWS_ACCESS_KEY_ID"),
            s3_secret_key=given.get("AWS_SECRET_ACCESS_KEY"),
            internal_token_secret=given.get("INTERNAL_TOKEN_SECRET"),
            first_superuser_email=given.get("FIRST_SUPERUSER_EMAIL"),
            first_superuser_password=given.get("FIRST_SUPERUSER_PASSWORD"),
        )
        settings._check()
        return settings

    def _check(self) -> None:
        if self.s3_endpoint_url and not (self.s3_access_key and self.s3_secret_key):
            raise StackError(
                "S3_ENDPOINT_URL is set: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for it too."
            )
        if self.internal_token_secret and len(self.internal_token_secret) < 32:
            raise StackError("INTERNAL_TOKEN_SECRET is too short: give at least 32 characters, or unset it.")


def _port(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= 65535):
        raise StackError(f"{name} is {text!r}, which is no port: set it to a number from 1 to 65535.")
    return int(text)
