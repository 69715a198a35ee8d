"""A picture in another format. Runs in a limited process."""

from __future__ import annotations

from typing import Any

from atelier.media.formats import AVIF, GIF, JPEG, PICTURES, PNG, WEBP, Format
from atelier.media.pictures.errors import of_decoder
from atelier.media.pictures.inspecting import ANIMATED, Limits, load

QUALITY = 90
WRITERS: dict[Format, tuple[str, dict[str, Any]]] = {
    JPEG: ("jpegsave", {"Q": QUALITY, "background": [255, 255, 255], "optimize_coding": True}),
    PNG: ("pngsave", {"compression": 6}),
    WEBP: ("webpsave", {"Q": QUALITY, "effort": 2}),
    AVIF: ("heifsave", {"Q": QUALITY, "compression": "av1", "effort": 0}),
    GIF: ("gifsave", {}),
}


def convert(source: str, source_type: str, target: str, target_type: str, limits: Limits) -> None:
    """Write the picture at `source` to `target` in another format, upright as it is shown.

    Animations stay where both formats have them; other formats get the first frame. Raises
    `PictureError` where it can't be decoded.
    """
    import pyvips

    pyvips.cache_set_max(0)
    before, after = PICTURES[source_type], PICTURES[target_type]
    writer, options = WRITERS[after]
    try:
        image = load(source, before, limits)
        if after not in ANIMATED:
            image = _first_frame(image)
        getattr(image.autorot(), writer)(target, keep="icc", **options)
    except pyvips.Error as damage:
        raise of_decoder(damage, f"can't be converted to {target_type}") from damage


def _first_frame(image: Any) -> Any:
    height = image.get("page-height") if image.get_typeof("page-height") else image.height
    return image.crop(0, 0, image.width, height) if height < image.height else image
