"""Where PostgreSQL, Kafka and S3 are, embedded or elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit


@dataclass(frozen=True)
class Endpoints:
    """`postgres_admin_url` may create roles and databases; the services get URLs of their own."""

    postgres_admin_url: str
    kafka_bootstrap_servers: str
    s3_endpoint_url: str
    s3_bucket: str
    s3_access_key: str
    s3_secret_key: str

    def database_url(self, database: str, user: str, password: str) -> str:
        """The same server, options included, as another user in another database."""
        admin = urlsplit(self.postgres_admin_url)
        server = admin.netloc.rpartition("@")[2]
        return admin._replace(
            scheme="postgresql",
            netloc=f"{quote(user)}:{quote(password, safe='')}@{server}",
            path=f"/{database}",
        ).geturl()
