"""The house's own adapter: what the product is, who made it, and the ids to find it again."""

from __future__ import annotations

import unicodedata
from typing import ClassVar

from atelier.contracts.deliverables import Deliverable
from atelier.export import naming
from atelier.export.pictures.metadata import xmp
from atelier.export.pictures.metadata.adapter import Metadata

LONGEST = 2000
"""Characters of a text; all of a JPEG's EXIF has to fit into 64 KB."""


class DefaultAdapter:
    """Title, description, keywords, creator, and the ids of product, shot and revision, in EXIF and XMP.

    EXIF's plain tags are ASCII; the texts are in UTF-16 beside them, in the tags that Windows reads.
    """

    name: ClassVar[str] = "default"

    def file_name(self, deliverable: Deliverable, template: str) -> str:
        """The name as the template says."""
        return naming.render(template, deliverable)

    def describe(self, deliverable: Deliverable) -> Metadata:
        """The product's texts; a product that was never known is named by its id."""
        product = deliverable.product
        title = _text(product.name if product else None) or str(deliverable.product_id)
        description = _text((product.ecommerce_description or product.description) if product else None)
        creator = _text(product.brand if product else None)
        keywords = _keywords(deliverable)
        identifiers = _identifiers(deliverable)
        texts = {
            "ifd0-ImageDescription": description or title,
            "ifd0-Artist": creator,
            "ifd0-XPTitle": title,
            "ifd0-XPComment": description,
            "ifd0-XPAuthor": creator,
            "ifd0-XPKeywords": ";".join(keywords),
            "ifd2-UserComment": "; ".join(f"{name}={value}" for name, value in identifiers.items()),
        }
        return Metadata(
            {tag: text for tag, text in texts.items() if text},
            xmp.packet(
                title=title,
                description=description,
                keywords=keywords,
                creator=creator,
                identifiers=identifiers,
            ),
        )


def _keywords(deliverable: Deliverable) -> tuple[str, ...]:
    """What it can be searched by, each once, without what is unknown."""
    product, shot_type = deliverable.product, deliverable.shot_type
    words = [
        *(
            (product.brand, product.sku, product.product_type, product.colour, product.season)
            if product
            else ()
        ),
        shot_type.name if shot_type else None,
        deliverable.subject_name,
    ]
    return tuple(dict.fromkeys(text for text in map(_text, words) if text))


def _identifiers(deliverable: Deliverable) -> dict[str, str]:
    product = deliverable.product
    values = {
        "ProductId": deliverable.product_id,
        "ProductSku": _text(product.sku if product else None),
        "ShotId": deliverable.shot_id,
        "RevisionId": deliverable.revision_id,
    }
    return {name: str(value) for name, value in values.items() if value}


def _text(value: str | None) -> str | None:
    """The text on one bounded line, without what XML or a viewer can't show; None for an empty one."""
    line = " ".join((value or "").split())
    visible = "".join(char for char in line if unicodedata.category(char) not in naming.INVISIBLE)
    return visible[:LONGEST].strip() or None
