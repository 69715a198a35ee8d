"""The bytes of a ZIP archive around members that are stored as they are.

Size and CRC of each member are known before its first byte, so headers are complete (no data
descriptors), nothing is read twice, and the size of the whole is known before it is begun.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zipfile import ZIP64_LIMIT

from zipstream.ng import ZIP_STORED, ZipStream, ZipStreamInfo

REGULAR_FILE = 0o100644 << 16
"""External attributes of a Unix file that everybody may read."""


@dataclass(frozen=True)
class Member:
    """A file of an archive: its name in it, and the object that holds its bytes."""

    name: str
    key: str
    size: int
    crc32: int


class Layout(ZipStream):  # type: ignore[misc]
    """zipstream's headers and directory (ZIP64 where needed); the members' bytes pass it by."""

    def __init__(self, modified: datetime) -> None:
        super().__init__(compress_type=ZIP_STORED)
        self._modified = modified.timetuple()[:6]

    def header(self, member: Member) -> bytes:
        """What stands before the member's bytes; members follow one another as they are named here."""
        info = ZipStreamInfo(member.name, self._modified)
        info.CRC, info.file_size, info.compress_size = member.crc32, member.size, member.size
        info.external_attr, info.header_offset = REGULAR_FILE, self._pos
        self._filelist.append(info)
        header: bytes = self._track(info.FileHeader(zip64=member.size > ZIP64_LIMIT))
        self._pos += member.size
        return header

    def end(self) -> bytes:
        """What stands behind the last member: the directory."""
        return b"".join(self._gen_archive_footer())
