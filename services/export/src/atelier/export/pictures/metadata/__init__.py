"""What delivered files say about themselves: a registry of adapters, one file each."""

from __future__ import annotations

from collections.abc import Mapping

from atelier.export.pictures.metadata.adapter import Metadata, MetadataAdapter
from atelier.export.pictures.metadata.default import DefaultAdapter

ADAPTERS: Mapping[str, MetadataAdapter] = {adapter.name: adapter for adapter in (DefaultAdapter(),)}
"""By the names that configurations use."""

__all__ = ["ADAPTERS", "Metadata", "MetadataAdapter"]
