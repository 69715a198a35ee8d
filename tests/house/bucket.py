"""Hold the bucket against the rows that name its objects, both ways; and see what a sweep has left to do."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import asyncpg
import boto3

from atelier.stack.testing import SupervisedStack

MD5 = re.compile(r"[0-9a-f]{32}")
"""What an ETag is, unless the object was written in parts."""

RESOURCES = "SELECT id, key, file_size, content_hash FROM media_resources"
UPLOADS = "SELECT key FROM temporary_uploads"
RENDITIONS = "SELECT key, size FROM renditions"
ARCHIVES = "SELECT archive_key AS key, archive_size AS size FROM export_tasks WHERE status = 'COMPLETED'"
EXPORTS = (
    "SELECT id::text FROM export_tasks "
    "UNION SELECT key FROM jobs WHERE kind = 'remove-export' AND finished_at IS NULL"
)
REMOVE_NOW = (
    "UPDATE jobs SET run_at = now() "
    "WHERE kind = 'remove-unnamed-bytes' AND finished_at IS NULL AND run_at > now()"
)
UNCONFIRMED = "SELECT kind, aggregate_id, slot FROM media_attachments WHERE NOT confirmed"
UNATTACHED = (
    "SELECT id FROM media_resources r WHERE NOT protected "
    "AND NOT EXISTS (SELECT FROM media_attachments a WHERE a.resource_id = r.id)"
)


@dataclass(frozen=True)
class Stored:
    """An object: its size in bytes and its ETag without quotes."""

    size: int
    etag: str


@dataclass(frozen=True)
class Bucket:
    """What is stored by key, and the keys of uploads in parts that were never completed."""

    objects: Mapping[str, Stored]
    unfinished: tuple[str, ...]


async def violations(stack: SupervisedStack) -> list[str]:
    """What doesn't fit together at rest, a line each: lost, changed, or known to nobody."""
    bucket = await asyncio.to_thread(read_bucket, stack)
    resources = await _ask(stack, "media", RESOURCES)
    renditions = await _ask(stack, "export", RENDITIONS)
    archives = await _ask(stack, "export", ARCHIVES)
    found = [f"bucket: {key} was never completed" for key in bucket.unfinished]
    found += _missing(bucket, {row["key"]: row["file_size"] for row in resources})
    found += _missing(bucket, {row["key"]: row["size"] for row in (*renditions, *archives)})
    found += _changed(bucket, {row["key"]: row["content_hash"] for row in resources})
    found += _unknown(
        bucket,
        {
            "media": {str(row["id"]) for row in resources},
            "exports": {row["id"] for row in await _ask(stack, "export", EXPORTS)},
        },
        {row["key"] for row in (*renditions, *await _ask(stack, "media", UPLOADS))},
    )
    return found


async def bring_removals_forward(stack: SupervisedStack) -> None:
    """Have bytes that were stored and that no row named by now go now, not an hour after they were announced.

    For a house at rest: a request that is under way still means to name them.
    """
    await _ask(stack, "media", REMOVE_NOW)


async def unswept(stack: SupervisedStack) -> list[str]:
    """What a sweep of media's has yet to settle, a line each."""
    found = [
        f"media: nobody confirmed {row['slot']} of {row['kind']} {row['aggregate_id']}"
        for row in await _ask(stack, "media", UNCONFIRMED)
    ]
    unattached = await _ask(stack, "media", UNATTACHED)
    return found + [f"media: nothing is attached to {row['id']}" for row in unattached]


def read_bucket(stack: SupervisedStack) -> Bucket:
    """All of it."""
    environment = stack.service_environment("media")
    client = boto3.client(
        "s3",
        endpoint_url=environment["S3_ENDPOINT_URL"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name="us-east-1",
    )
    try:
        name = environment["S3_BUCKET"]
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=name)
        objects = {
            one["Key"]: Stored(one["Size"], one["ETag"].strip('"'))
            for page in pages
            for one in page.get("Contents", ())
        }
        uploads = client.list_multipart_uploads(Bucket=name).get("Uploads", ())
        return Bucket(objects, tuple(upload["Key"] for upload in uploads))
    finally:
        client.close()


def _missing(bucket: Bucket, sizes: Mapping[str, int]) -> Iterator[str]:
    """Each row's object is there, as large as the row says."""
    for key, size in sizes.items():
        stored = bucket.objects.get(key)
        if stored is None or stored.size != size:
            yield f"bucket: {key} should have {size} bytes, is {stored}"


def _changed(bucket: Bucket, hashes: Mapping[str, str]) -> Iterator[str]:
    """And it is what was ingested."""
    for key, content_hash in hashes.items():
        stored = bucket.objects.get(key)
        if stored is not None and MD5.fullmatch(stored.etag) and stored.etag != content_hash:
            yield f"bucket: {key} has MD5 {stored.etag}, ingested was {content_hash}"


def _unknown(bucket: Bucket, folders: Mapping[str, Collection[str]], keys: Collection[str]) -> Iterator[str]:
    """Each object is in the folder of something that exists (`media/<id>/…`), or known by its key."""
    for key in bucket.objects:
        kind, _, rest = key.partition("/")
        if key not in keys and rest.partition("/")[0] not in folders.get(kind, ()):
            yield f"bucket: nobody knows {key}"


async def _ask(stack: SupervisedStack, service: str, statement: str) -> list[asyncpg.Record]:
    url = stack.service_environment(service)[f"{service.upper()}_DATABASE_URL"]
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(statement))
    finally:
        await connection.close()
