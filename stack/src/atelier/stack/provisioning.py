"""Databases, login roles, topics and the bucket: made where they are missing, so run at every start."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

from atelier.stack.endpoints import Endpoints
from atelier.stack.errors import StackError

if TYPE_CHECKING:
    import asyncpg

CONNECT_WITHIN = 15.0


def database_of(service: str) -> str:
    """The name of a service's database, and of the role that owns it."""
    return f"atelier_{service}"


async def provision_databases(admin_url: str, passwords: Mapping[str, str]) -> None:
    """One database and one login role a service, by service name → password.

    A role owns its database and may not even connect to another service's. StackError when the
    server can't be reached or refuses the administrator.
    """
    import asyncpg

    try:
        connection = await asyncpg.connect(admin_url, timeout=CONNECT_WITHIN)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise StackError(_refused(error)) from None
    try:
        for service, password in passwords.items():
            await _provision_database(connection, database_of(service), password)
    finally:
        await connection.close()


async def provision_topics(bootstrap_servers: str, prefix: str) -> None:
    """All topics that the contracts name; StackError when Kafka can't be reached or refuses."""
    from aiokafka.errors import KafkaError

    from atelier.runtime.provisioning import create_topics

    try:
        await create_topics(bootstrap_servers, prefix)
    except (KafkaError, OSError, TimeoutError) as error:
        raise StackError(f"The topics can't be made on Kafka at {bootstrap_servers}: {error!r}.") from None


async def provision_bucket(endpoints: Endpoints) -> None:
    """The bucket on an S3 that isn't ours; SeaweedFS makes its own. StackError when it refuses."""
    await asyncio.to_thread(_provision_bucket, endpoints)


def _refused(error: Exception) -> str:
    if getattr(error, "sqlstate", None) in {"28P01", "28000"}:
        return (
            "PostgreSQL refuses the administrator's password: put the state.json that belongs to this data "
            "folder back (or correct POSTGRES_ADMIN_URL), or remove the data folder to begin with empty data."
        )
    return f"PostgreSQL can't be reached ({error}): see its log, or correct POSTGRES_ADMIN_URL."


async def _provision_database(connection: asyncpg.Connection, name: str, password: str) -> None:
    verb = "ALTER" if await _exists(connection, "pg_roles WHERE rolname", name) else "CREATE"
    await connection.execute(f"{verb} ROLE {name} LOGIN PASSWORD '{_quoted(password)}'")
    if not await _exists(connection, "pg_database WHERE datname", name):
        await connection.execute(f"GRANT {name} TO CURRENT_USER")  # an administrator may be no superuser
        await connection.execute(f"CREATE DATABASE {name} OWNER {name} TEMPLATE template0 ENCODING 'UTF8'")
    await connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")


async def _exists(connection: asyncpg.Connection, where: str, name: str) -> bool:
    return bool(await connection.fetchval(f"SELECT EXISTS (SELECT FROM {where} = $1)", name))


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _provision_bucket(endpoints: Endpoints) -> None:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    client = boto3.client(
        "s3",
        endpoint_url=endpoints.s3_endpoint_url,
        aws_access_key_id=endpoints.s3_access_key,
        aws_secret_access_key=endpoints.s3_secret_key,
        region_name="us-east-1",
    )
    try:
        names = {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}
        if endpoints.s3_bucket not in names:
            client.create_bucket(Bucket=endpoints.s3_bucket)
    except (BotoCoreError, ClientError) as error:
        raise StackError(f"The bucket can't be made on S3 at {endpoints.s3_endpoint_url}: {error}.") from None
    finally:
        client.close()
