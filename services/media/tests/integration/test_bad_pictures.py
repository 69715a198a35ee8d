"""Bombs, lying and broken files: each is refused with 422 that says why, in time and in bounded memory."""

from __future__ import annotations

import asyncio
import base64
import os
import struct
import time
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import psutil
import pytest
import pyvips
from media_pictures import chunk, encoded, image, png

MIB = 1024 * 1024
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
ONE = zlib.compress(b"\0\1\2\3")
"""The data of a PNG of one pixel."""
ZIP = b"PK\x03\x04" + bytes(26) + b"PK\x05\x06" + bytes(18)


def _noise(content_type: str, **options: Any) -> bytes:
    return encoded(
        content_type, pyvips.Image.gaussnoise(200, 200).cast("uchar").bandjoin([128, 9]), **options
    )


def _jpeg_of_size(width: int, height: int) -> bytes:
    """A small JPEG whose header says that it is huge."""
    jpeg = bytearray(encoded("image/jpeg"))
    at = jpeg.index(b"\xff\xc0")
    jpeg[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(jpeg)


def _gif_of_size(width: int, height: int) -> bytes:
    gif = bytearray(encoded("image/gif"))
    gif[6:10] = struct.pack("<HH", width, height)
    at = gif.index(b"\x2c\0\0\0\0")
    gif[at + 5 : at + 9] = struct.pack("<HH", width, height)
    return bytes(gif)


def _webp_of_size(width: int, height: int) -> bytes:
    """An extended WebP whose canvas is huge and whose picture is small."""
    picture = encoded("image/webp")[12:]
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    chunks = b"VP8X\x0a\0\0\0" + bytes(4) + size + picture
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks


def _many_frames(count: int) -> bytes:
    """An animation that shows the same frame again and again."""
    gif = encoded("image/gif")
    at = gif.index(b"\x2c\0\0\0\0")
    return gif[:at] + gif[at:-1] * count + b";"


def _bomb(width: int, height: int) -> bytes:
    """A few kilobytes that are so many pixels, all well-formed."""
    squeezed = zlib.compressobj(1)
    row = bytes(1 + width * 3)
    data = b"".join(squeezed.compress(row) for _ in range(height)) + squeezed.flush()
    return png(width, height, data)


@cache
def _nothing(size: int) -> bytes:
    """So many MiB of it, compressed."""
    return zlib.compress(bytes(size * MIB), 1)


def _text_bomb(kind: bytes) -> bytes:
    return chunk(kind, b"a\0\0" + _nothing(300))


CORPUS: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing at all": (lambda: b"", "base64|empty|either"),
    "text": (lambda: b"hello, this is no picture", "no picture"),
    "an SVG": (lambda: SVG, "an SVG"),
    "an SVG with a prolog": (lambda: b'<?xml version="1.0"?>\n<!-- a -->' + SVG, "an SVG"),
    "HTML": (lambda: b"<!DOCTYPE html><html><img src=x onerror=alert(1)>", "HTML or XML"),
    "a PDF": (lambda: b"%PDF-1.7\n1 0 obj\n", "a PDF"),
    "a ZIP": (lambda: ZIP, "a ZIP archive"),
    "a TIFF": (lambda: bytes(image().tiffsave_buffer()), "a TIFF"),
    "a BigTIFF": (lambda: b"II+\0\x08\0\0\0" + bytes(60), "a TIFF"),
    "a HEIC": (lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99), "a HEIC"),
    "a BMP": (lambda: b"BM\x9a\0\0\0\0\0\0\0" + bytes(90), "a BMP"),
    "a JPEG XL": (lambda: b"\xff\x0a" + bytes(90), "a JPEG XL"),
    "a JPEG 2000": (lambda: b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(90), "a JPEG 2000"),
    "a Photoshop document": (lambda: b"8BPS\0\x01" + bytes(90), "a Photoshop"),
    "an icon": (lambda: b"\0\0\x01\0\x01\0" + bytes(90), "an icon"),
    "a program": (lambda: b"\x7fELF" + bytes(90), "a program"),
    "gzip": (lambda: b"\x1f\x8b" + bytes(90), "gzip"),
    "a video": (lambda: b"\0\0\0\x18ftypisom\0\0\0\0" + bytes(90), "a video"),
    "a truncated JPEG": (lambda: _noise("image/jpeg")[:-2000], "truncated"),
    "a JPEG without its end": (lambda: _noise("image/jpeg")[:-2], "truncated"),
    "a JPEG that is a header": (lambda: encoded("image/jpeg")[:20], "truncated"),
    "a truncated PNG": (lambda: _noise("image/png")[:-500], "truncated"),
    "a PNG without its end": (lambda: _noise("image/png")[:-12], "truncated"),
    "a PNG that is a signature": (lambda: b"\x89PNG\r\n\x1a\n", "truncated"),
    "a truncated GIF": (lambda: _noise("image/gif")[:-300], "truncated"),
    "a truncated WebP": (lambda: _noise("image/webp")[:-300], "truncated"),
    "a truncated AVIF": (lambda: _noise("image/avif")[:-300], "truncated"),
    "a PNG whose data is nonsense": (lambda: png(40, 30, b"nonsense"), "damaged"),
    "a PNG with too little data": (lambda: png(400, 300, zlib.compress(bytes(500))), "damaged"),
    "a PNG with a wrong checksum": (lambda: _damaged(_noise("image/png"), -40), "damaged"),
    "a JPEG with no tables": (lambda: b"\xff\xd8\xff\xd9", "damaged"),
    "a WebP of nothing": (lambda: b"RIFF\x04\0\0\0WEBP", "damaged"),
    "an AVIF of nothing": (lambda: b"\0\0\0\x14ftypavif\0\0\0\0avif", "damaged"),
    "a PNG of 900 megapixels": (lambda: png(30_000, 30_000, b""), "pixels"),
    "a PNG bomb": (lambda: _bomb(10_000, 5_001), "pixels"),
    "a PNG of two milliard lines": (lambda: png(1, 2**31 - 1, b""), "pixels|damaged"),
    "a JPEG of four milliard pixels": (lambda: _jpeg_of_size(65_500, 65_500), "pixels|damaged"),
    "a GIF of four milliard pixels": (lambda: _gif_of_size(65_535, 65_535), "pixels|damaged"),
    "a WebP of 268 megapixels": (lambda: _webp_of_size(16_383, 16_383), "pixels|memory|damaged"),
    "a WebP of 281 million megapixels": (lambda: _webp_of_size(2**24, 2**24), "pixels|memory|damaged"),
    "an animation of too many frames": (lambda: _many_frames(300), "300 frames"),
    "a PNG and a ZIP": (lambda: encoded() + ZIP, "behind the picture's end"),
    "a JPEG and a ZIP": (lambda: encoded("image/jpeg") + ZIP, "behind the picture's end"),
    "a GIF and a script": (lambda: encoded("image/gif") + b"*/=1;alert(1)//", "behind the picture's end"),
    "a WebP and a PDF": (lambda: encoded("image/webp") + b"%PDF-1.7", "behind the picture's end"),
    "an AVIF and more": (lambda: encoded("image/avif") + b"<?php evil", "behind the picture's end"),
    "two JPEGs and a ZIP": (lambda: encoded("image/jpeg") * 2 + ZIP, "a ZIP archive as well"),
    "a PNG with a PDF inside": (
        lambda: png(1, 1, zlib.compress(b"\0\1\2\3"), chunk(b"tEXt", b"a\0%PDF-1.7\n")),
        "a PDF as well",
    ),
    "a PNG with PHP inside": (
        lambda: png(1, 1, zlib.compress(b"\0\1\2\3"), chunk(b"tEXt", b"a\0<?php system($_GET[0]); ?>")),
        "a script",
    ),
    "a JPEG with PHP as comment": (
        lambda: encoded("image/jpeg").replace(b"\xff\xd8", b"\xff\xd8\xff\xfe\0\x10<?php evil();;", 1),
        "a script",
    ),
}


def _packed(width: int, height: int, size: int, *, depth: int = 8, colours: int = 2) -> bytes:
    """A PNG of that size whose data is so many MiB of nothing."""
    return png(width, height, _nothing(size), depth=depth, colours=colours)


def _jpeg_of_scans(count: int) -> bytes:
    """A progressive JPEG that says the same again and again."""
    jpeg = encoded("image/jpeg", interlace=True)
    at = jpeg.rindex(b"\xff\xda")
    return jpeg[:at] + jpeg[at:-2] * count + jpeg[-2:]


def _jpeg_of_segments(count: int) -> bytes:
    return b"\xff\xd8" + (b"\xff\xe1\xff\xff" + bytes(0xFFFD)) * count + encoded("image/jpeg")[2:]


def _animated_png(frames: int) -> bytes:
    control = chunk(b"acTL", struct.pack(">II", frames, 0))
    return png(1, 1, zlib.compress(b"\0\1\2\3"), control)


def _avif_of_size(width: int, height: int) -> bytes:
    avif = bytearray(encoded("image/avif"))
    at = avif.index(b"ispe") + 8
    avif[at : at + 8] = struct.pack(">II", width, height)
    return bytes(avif)


def _boxes(depth: int) -> bytes:
    """Boxes in boxes behind the beginning of an AVIF."""
    inner = b""
    for _ in range(depth):
        inner = struct.pack(">I", len(inner) + 8) + b"meta" + inner
    return encoded("image/avif")[:32] + inner


HUGE = ((65_535, 65_535), (2**31 - 1, 2**31 - 1), (2**31 - 1, 1), (1, 60_000_000), (7_072, 7_072))
BOMBS: dict[str, Callable[[], bytes]] = {
    **{f"a PNG of {w}x{h}": lambda w=w, h=h: png(w, h, b"") for w, h in HUGE},
    **{f"a PNG of {w}x{h} bits": lambda w=w, h=h: png(w, h, b"", depth=1, colours=0) for w, h in HUGE},
    **{
        f"a JPEG of {w}x{h}": lambda w=w, h=h: _jpeg_of_size(w, h) for w, h in ((65_535, 766), (9_000, 9_000))
    },
    **{f"a GIF of {w}x{h}": lambda w=w, h=h: _gif_of_size(w, h) for w, h in ((65_535, 766), (9_000, 9_000))},
    **{f"a WebP of {w}x{h}": lambda w=w, h=h: _webp_of_size(w, h) for w, h in ((16_383, 3_100), (2**24, 3))},
    **{
        f"an AVIF of {w}x{h}": lambda w=w, h=h: _avif_of_size(w, h) for w, h in ((65_535, 65_535), (2**31, 2))
    },
    "a PNG of 153 MB in 150 KB": lambda: _packed(7_071, 7_073, 153),
    "a PNG with 16 bits a colour": lambda: _packed(7_072, 7_072, 153, depth=16, colours=6),
    "a frame in a GIF that is larger than all": lambda: _gif_of_size(60_000, 60_000) * 2,
    "10,000 frames": lambda: _many_frames(10_000),
    "201 frames": lambda: _many_frames(201),
}
"""Small files that would be many pixels or frames: none is taken."""
BALLAST: dict[str, Callable[[], bytes]] = {
    **{f"{kind} of 300 MB": lambda k=kind: png(1, 1, ONE, _text_bomb(k.encode()))
       for kind in ("zTXt", "iTXt", "iCCP", "eXIf", "caBX")},
    "a dot with 300 MB behind it": lambda: _packed(1, 1, 300),
    "an animated PNG of four milliard frames": lambda: _animated_png(2**32 - 1),
    "a JPEG of 1,000 scans": lambda: _jpeg_of_scans(1_000),
    "a JPEG with 60 segments": lambda: _jpeg_of_segments(60),
    "boxes in boxes": lambda: _boxes(10_000),
}  # fmt: skip
"""Pictures with something that would take much to read: taken without it, or refused."""


def _damaged(picture: bytes, at: int) -> bytes:
    return picture[:at] + bytes([picture[at] ^ 0xFF]) + picture[at + 1 :]


def _memory() -> int:
    """What this process and its workers have in memory now."""
    me = psutil.Process()
    total = 0
    for process in [me, *me.children(recursive=True)]:
        try:
            if process is me or "spawn" in " ".join(process.cmdline()):
                total += process.memory_info().rss
        except psutil.Error:
            continue
    return total


@pytest.fixture
async def peak() -> Any:
    """Asks how much memory was added since, at most."""
    before, highest, ended = _memory(), 0, asyncio.Event()

    async def watch() -> None:
        nonlocal highest
        while not ended.is_set():
            highest = max(highest, _memory())
            await asyncio.sleep(0.05)

    watching = asyncio.create_task(watch())
    yield lambda: highest - before
    ended.set()
    await watching


async def test_every_file_of_the_corpus_is_refused_and_says_why(person: Any, peak: Any) -> None:
    await person.taken({"source": base64.b64encode(encoded()).decode()})
    assert len(CORPUS) >= 30
    unexpected = {}
    for name, (make, reason) in CORPUS.items():
        source = "data:application/octet-stream;base64," + base64.b64encode(make()).decode()
        started = time.monotonic()
        said = await person.refused(source)
        if time.monotonic() - started > 5 or not any(one in said for one in reason.split("|")):
            unexpected[name] = (said, time.monotonic() - started)
    assert unexpected == {}
    assert peak() < 256 * MIB


async def test_no_bomb_goes_off(person: Any, peak: Any) -> None:
    """Each on its own is answered within 5 s; all together leave memory bounded."""
    await person.taken({"source": base64.b64encode(encoded()).decode()})
    assert len(BOMBS) + len(BALLAST) >= 30
    unexpected = {}
    for name, make in (BOMBS | BALLAST).items():
        source = base64.b64encode(make()).decode()
        started = time.monotonic()
        answer = await person.ingest({"source": source})
        took = time.monotonic() - started
        if took > 5 or answer.status_code not in ((422,) if name in BOMBS else (200, 422)):
            unexpected[name] = (answer.status_code, answer.text, took)
    assert unexpected == {}
    assert peak() < 256 * MIB


async def test_a_large_upload_takes_little_memory(person: Any, media: Any, peak: Any) -> None:
    noise = pyvips.Image.new_from_memory(os.urandom(3900 * 3900 * 3), 3900, 3900, 3, "uchar")
    picture = encoded("image/png", noise.copy(interpretation="srgb"), compression=0)
    assert 40 * MIB < len(picture) < media.settings.max_file_bytes
    url = await person.upload(picture)
    size = len(picture)
    del picture, noise
    before = peak()
    (stored,) = await person.taken({"source": url})
    assert (stored["file_size"], stored["width"]) == (size, 3900)
    assert peak() - before < 150 * MIB


async def test_cameras_may_put_their_own_behind_a_jpeg(person: Any) -> None:
    jpeg = encoded("image/jpeg")
    for picture in (jpeg + encoded("image/jpeg"), jpeg + bytes(512), jpeg + b"\0\0SEFH\x6b\0\0\0SEFT"):
        await person.taken({"source": base64.b64encode(picture).decode()})


async def test_a_picture_after_a_bomb_is_taken(person: Any) -> None:
    await person.refused(base64.b64encode(CORPUS["a PNG bomb"][0]()).decode())
    await person.taken({"source": base64.b64encode(encoded()).decode()})
