"""Rules that need no other part: names, keys, addresses, sources, what errors mean."""

from __future__ import annotations

import base64
import random
import resource
from ipaddress import ip_address
from typing import Any
from uuid import uuid4

import pytest
from media_pictures import encoded, image

from atelier.media.formats import PICTURES, UPLOADABLE, ZIP
from atelier.media.ingest.sources import Existing, Inline, Reader, Remote, SourceError, Uploaded
from atelier.media.pictures.inspecting import Limits, inspect
from atelier.media.remote.addresses import is_public
from atelier.media.resources.keys import converted_key, key_of, resource_of
from atelier.media.uploads.names import safe_name
from atelier.runtime.errors import TooLargeError
from atelier.runtime.processes import LimitedProcesses, WorkKilledError

READER = Reader(("http://cdn/bucket", "http://s3/bucket"), 3000)


@pytest.mark.parametrize(
    ("filename", "safe"),
    [
        ("shirt.png", "shirt"),
        ("a/b/c.png", "c"),
        ("..\\..\\c.png", "c"),
        ("../../etc/passwd", "passwd"),
        ("Größe & more.jpeg", "Groe_more"),
        (".png", "png"),
        ("日本.png", "file"),
        ("a.png.zip", "a_png"),
        ("a" * 300, "a" * 80),
        ("\u202egnp.exe", "gnp"),
        ("%2e%2e%2f", "2e_2e_2f"),
    ],
)
def test_names_in_keys_need_no_escaping(filename: str, safe: str) -> None:
    assert safe_name(filename) == safe


def test_only_pictures_have_extensions_that_are_public() -> None:
    public = {one.extension for one in PICTURES.values()}
    assert public == {"jpg", "png", "webp", "gif", "avif"}
    assert not public & {one.extension for one in UPLOADABLE.values() if not one.picture}
    assert ZIP.extension == "zip"


def test_keys_name_their_resource_and_nothing_else_does() -> None:
    id_ = uuid4()
    assert resource_of(key_of(id_, "png")) == id_
    assert resource_of(converted_key(id_, "webp")) is None
    for key in (
        f"media/{id_}/file.png\n",
        f"/media/{id_}/file.png",
        f"media/{id_}/../file.png",
        f"media/{id_.hex}/file.png",
    ):
        assert resource_of(key) is None


def test_public_addresses_are_public() -> None:
    for address in (
        "8.8.8.8",
        "1.1.1.1",
        "93.184.216.34",
        "172.32.0.1",
        "100.128.0.1",
        "2606:4700::1111",
        "2a00::1",
    ):
        assert is_public(ip_address(address)), address


def test_no_address_that_python_calls_private_is_public() -> None:
    drawn = random.Random(7)
    for _ in range(20_000):
        address: Any = ip_address(drawn.getrandbits(32))
        assert not (is_public(address) and (not address.is_global or address.is_multicast)), address
        address = ip_address(drawn.getrandbits(128))
        assert not (is_public(address) and (not address.is_global or address.is_multicast)), address


def test_sources_are_told_apart() -> None:
    id_ = uuid4()
    assert READER.read(f"http://cdn/bucket/media/{id_}/file.png") == Existing(id_)
    assert READER.read("http://cdn/bucket/temp/a.png") == Uploaded("temp/a.png")
    assert READER.read("http://s3/bucket/temp/a.png?X-Amz-Signature=1") == Uploaded("temp/a.png")
    assert READER.read("https://example.com/a.png") == Remote("https://example.com/a.png")
    assert READER.read("file:///etc/passwd") == Remote("file:///etc/passwd")
    assert READER.read("data:image/PNG;base64,AAAA") == Inline("AAAA", "image/png")
    assert READER.read("data:;base64,AAAA") == Inline("AAAA", None)
    assert READER.read("AAAA") == Inline("AAAA", None)
    assert Inline("AA\nAA\n", None).decode() == bytes(3)


@pytest.mark.parametrize("source", ["data:image/png,AAAA", "data:", "http://cdn/bucket/exports/a.zip"])
def test_sources_that_name_nothing(source: str) -> None:
    with pytest.raises(SourceError):
        READER.read(source)


def test_the_length_of_base64_decides_before_it_is_decoded() -> None:
    fits = base64.b64encode(bytes(3000)).decode()
    assert READER.read(fits) == Inline(fits, None)
    for prefix in ("", "data:image/png;base64,"):
        with pytest.raises(TooLargeError):
            READER.read(prefix + base64.b64encode(bytes(3010)).decode())


def test_what_only_a_machine_of_the_cloud_reaches_is_not_public() -> None:
    for address in ("168.63.129.16", "169.254.169.254", "192.0.0.192", "100.100.100.200", "fd00:ec2::254"):
        assert not is_public(ip_address(address)), address


async def test_a_picture_that_needs_too_much_memory_is_not_called_damaged(tmp_path: Any) -> None:
    file = tmp_path / "large.webp"
    file.write_bytes(encoded("image/webp", image(6000, 6000), lossless=False, effort=0))
    processes = LimitedProcesses(workers=1, memory_bytes=150 * 1024 * 1024, timeout=60)
    try:
        with pytest.raises(WorkKilledError):
            await processes.run(inspect, str(file), Limits(50_000_000, 10))
    finally:
        await processes.close()
    assert resource.getrlimit(resource.RLIMIT_DATA)[0] == resource.RLIM_INFINITY, (
        "only the workers are limited"
    )
