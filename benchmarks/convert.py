"""Converting a picture of 24 megapixels to 2048 pixels. Baseline: Pillow, opened, resized and saved.

Contender: export's own conversion, metadata and checksum included. Each run has a fresh worker
process, so that the memory is that of one conversion; what it imports is there before the clock runs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from atelier.export.pictures import conversion
from atelier.export.pictures.description import Metadata
from atelier.export.pictures.formats import FORMATS, ImageFormat
from atelier.runtime.processes import LimitedProcesses
from benchmarks import naive_pictures
from benchmarks.harness import Contender, Row, Sample, compare
from benchmarks.naive_pictures import Cost

WIDTH, HEIGHT, LONGEST = 6000, 4000, 2048
METADATA = Metadata({"ifd0-Artist": "Atelier"}, b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
MEMORY = 2 * 1024**3
MEGABYTE = 1e6
Value = Callable[[Cost], float]


@dataclass(frozen=True)
class Way:
    """A way to make a file out of the picture."""

    function: Callable[..., Any]
    source: Path
    target: Path
    arguments: tuple[Any, ...]

    async def run(self) -> Cost:
        """Once, in a process of its own that has done it to a small picture before."""
        processes = LimitedProcesses(workers=1, memory_bytes=MEMORY, timeout=120)
        try:
            small = self.source.with_name("small.jpg")
            await processes.run(self.function, small, self.target, *self.arguments)
            arguments = (self.function, self.source, self.target, *self.arguments)
            return await processes.run(naive_pictures.measured, *arguments)
        finally:
            await processes.close()


async def run() -> list[Row]:
    """JPEG and AVIF: pictures per second, memory, and the bytes of the AVIF."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "source.jpg")
        _draw(source, WIDTH, HEIGHT)
        _draw(source.with_name("small.jpg"), 64, 48)
        jpeg = _ways(source, ImageFormat.JPEG)
        await _check(*jpeg)
        rows = await _compare("convert to JPEG", jpeg, _per_second, "/s", 2.5)
        rows += await _compare("convert to JPEG, memory", jpeg, _megabytes, "MB", 0.5, at_most=True)
        avif = _ways(source, ImageFormat.AVIF)
        await _check(*avif)
        rows += await _compare("convert to AVIF", avif, _per_second, "/s", 4)
        return [*rows, _bytes("convert to AVIF, size", *avif)]


def _draw(file: Path, width: int, height: int) -> None:
    """A picture with smooth and fine parts, the same each time."""
    import pyvips

    layers = [
        sum(
            (
                pyvips.Image.perlin(width, height, cell_size=cell, seed=seed + cell) * weight
                for cell, weight in CELLS
            ),
            start=pyvips.Image.black(width, height) + 128,
        )
        for seed in (1, 2, 3)
    ]
    image = pyvips.Image.bandjoin(layers[0], layers[1:]) + pyvips.Image.gaussnoise(
        width, height, sigma=3, seed=4
    )
    image.cast("uchar").copy(interpretation="srgb").write_to_file(str(file), Q=92)


CELLS = ((512, 40), (128, 30), (32, 30), (16, 30), (8, 25))
"""Sizes in pixels and weights of what the picture is drawn of."""


def _ways(source: Path, format_: ImageFormat) -> tuple[Way, Way]:
    """The naive one and ours, at the same quality."""
    quality = FORMATS[format_].attempts[0]["Q"]
    naive = (format_.value, LONGEST, quality)
    return (
        Way(naive_pictures.convert, source, source.with_name(f"naive.{format_.value}"), naive),
        Way(
            conversion.convert,
            source,
            source.with_name(f"ours.{format_.value}"),
            (format_, LONGEST, METADATA),
        ),
    )


async def _check(naive: Way, ours: Way) -> None:
    """Both make the same picture, as far as eyes can tell."""
    import pyvips

    await naive.run()
    await ours.run()
    one, other = (pyvips.Image.new_from_file(str(way.target)) for way in (naive, ours))
    assert (one.width, one.height) == (other.width, other.height)
    assert (one - other).abs().avg() < SAME, "another picture"


SAME = 4.0
"""Levels of 255 that two encoders may be apart, on average."""


async def _compare(
    name: str,
    ways: tuple[Way, Way],
    value: Value,
    unit: str,
    bar: float,
    *,
    at_most: bool = False,
    rounds: int = 5,
) -> list[Row]:
    naive, ours = (partial(_sample, way, value) for way in ways)
    contender = Contender("export's conversion", ours, bar=bar, at_most=at_most)
    return await compare(name, Contender("Pillow", naive), [contender], unit=unit, rounds=rounds)


async def _sample(way: Way, value: Value) -> Sample:
    cost = await way.run()
    return Sample(value(cost), 1, cost.cpu_seconds)


def _per_second(cost: Cost) -> float:
    return 1 / cost.seconds


def _megabytes(cost: Cost) -> float:
    return cost.peak_bytes / MEGABYTE


def _bytes(name: str, naive: Way, ours: Way) -> Row:
    """The same each time, so measured once."""
    size, other = ours.target.stat().st_size, naive.target.stat().st_size
    ratio = size / other
    return Row(name, "export's conversion", size / 1e3, "KB", ratio, ratio, ratio, bar=1.08, at_most=True)
