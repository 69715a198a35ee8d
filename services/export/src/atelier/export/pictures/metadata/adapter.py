"""What an adapter is: it names a file and says what is written into it."""

from __future__ import annotations

from typing import ClassVar, Protocol

from atelier.contracts.deliverables import Deliverable
from atelier.export.pictures.description import Metadata


class MetadataAdapter(Protocol):
    """The conventions of those who receive the files."""

    name: ClassVar[str]

    def file_name(self, deliverable: Deliverable, template: str) -> str:
        """The file's name without extension, safe on every system."""
        ...

    def describe(self, deliverable: Deliverable) -> Metadata:
        """What the file says about itself; the same for the same deliverable."""
        ...


__all__ = ["Metadata", "MetadataAdapter"]
