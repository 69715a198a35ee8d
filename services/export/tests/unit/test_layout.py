"""The bytes around an archive's members, read back by Python's own reader."""

from __future__ import annotations

import io
import zipfile
import zlib
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from atelier.export.archives.layout import Layout, Member

MODIFIED = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0/\\"), min_size=1, max_size=30)


def member(name: str, body: bytes) -> Member:
    """A member that holds these bytes."""
    return Member(name, "anywhere", len(body), zlib.crc32(body))


@given(st.dictionaries(NAMES, st.binary(max_size=200), max_size=10))
def test_an_archive_holds_its_members_as_they_are(files: dict[str, bytes]) -> None:
    layout = Layout(MODIFIED)
    archive = (
        b"".join(layout.header(member(name, body)) + body for name, body in files.items()) + layout.end()
    )
    with zipfile.ZipFile(io.BytesIO(archive)) as read:
        assert read.testzip() is None
        assert {info.filename: read.read(info) for info in read.infolist()} == files
        assert all(info.flag_bits & 8 == 0 for info in read.infolist())
        assert all(info.date_time == (2026, 3, 1, 12, 30, 0) for info in read.infolist())


def test_members_and_archives_beyond_four_gigabytes_are_described() -> None:
    layout = Layout(MODIFIED)
    huge = Member("huge.png", "anywhere", 5 * 1024**3, 7)
    first, second = layout.header(huge), layout.header(Member("late.png", "anywhere", 3, 9))
    end = layout.end()
    start = len(first) + huge.size + len(second) + 3

    class Sparse(io.RawIOBase):
        """The archive without the bytes of its members."""

        position = 0

        def seekable(self) -> bool:
            return True

        def seek(self, offset: int, whence: int = 0) -> int:
            base = {0: 0, 1: self.position, 2: start + len(end)}[whence]
            self.position = base + offset
            return self.position

        def tell(self) -> int:
            return self.position

        def read(self, size: int = -1) -> bytes:
            behind = max(0, self.position - start)
            found = end[behind:] if size < 0 else end[behind : behind + size]
            self.position += len(found)
            return found

    with zipfile.ZipFile(Sparse()) as read:  # type: ignore[arg-type]
        found = {info.filename: (info.file_size, info.CRC, info.header_offset) for info in read.infolist()}
    assert found == {"huge.png": (huge.size, 7, 0), "late.png": (3, 9, len(first) + huge.size)}


def test_more_members_than_the_first_format_counts_are_all_listed() -> None:
    layout, count = Layout(MODIFIED), 70_000
    archive = b"".join(layout.header(Member(f"{n}.webp", "anywhere", 0, 0)) for n in range(count))
    with zipfile.ZipFile(io.BytesIO(archive + layout.end())) as read:
        assert len(read.infolist()) == count
