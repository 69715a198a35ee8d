"""Cutting what is shown from a plain background.

The background's colour is estimated along the border, as a plane over the picture because studio
light falls off. What looks like it and is connected to the border is background; what looks like
it and is enclosed, such as a white print on a shirt, stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from atelier.generation.backends.compositor.pictures import (
    Array,
    Loaded,
    blur,
    grow,
    load,
    over_white,
    regions,
    shrink,
    to_lab,
)

Mask = npt.NDArray[np.bool_]

RING = 0.025
"""How deep the border is, of the shorter side."""
LOOKS_ALIKE = 9.0
"""Lab distance up to which a border pixel counts as of the background's colour."""
PLAIN = 0.6
"""Share of the border that has to be of one colour; a product may touch the border."""
CLOSEST, FARTHEST = 4.0, 11.0
"""Lab distances between which the noise of a picture may put the line."""
SPECK = 0.004
"""Share of the largest piece below which a piece is dust."""
POCKET = 0.03
"""Share of the product up to which what the background touches is background too: armpits, a crotch."""
TOO_LITTLE, TOO_MUCH = 0.005, 0.985
"""Shares of the picture outside of which a cut wasn't one."""


@dataclass(frozen=True)
class Cutout:
    """What was cut out, trimmed to its box; `clean` is false for the card that stands in for a cut."""

    sprite: Array
    clean: bool

    @property
    def matte(self) -> Array:
        """Its alpha."""
        matte: Array = self.sprite[..., 3]
        return matte


def cut_out(file: str, longest: int) -> Cutout:
    """The product or person of a picture.

    Where the background isn't plain, the whole picture with soft edges.
    """
    loaded = load(file, longest)
    matte = _own_matte(loaded)
    if matte is not None:
        return Cutout(_trimmed(loaded.colours, matte), clean=True)
    colours = over_white(loaded)
    mask = _foreground(to_lab(blur(colours, 1.0)))
    if mask is None:
        return Cutout(_card(colours), clean=False)
    return Cutout(_feathered(colours, mask), clean=True)


def _own_matte(loaded: Loaded) -> Array | None:
    """The picture's alpha, where it says something."""
    if loaded.matte is None:
        return None
    opaque = float((loaded.matte > 0.5).mean())
    return loaded.matte if TOO_LITTLE < opaque < TOO_MUCH else None


def _foreground(lab: Array) -> Mask | None:
    """Where the product is, in a picture whose noise is smoothed; None where the background isn't plain."""
    ring = _ring(lab.shape[0], lab.shape[1])
    plane = _plane(lab, ring)
    if plane is None:
        return None
    lab = lab - plane
    distance = np.sqrt(np.einsum("hwc,hwc->hw", lab, lab))
    alike = distance[ring][distance[ring] < LOOKS_ALIKE]
    line = float(np.clip(2.5 * np.percentile(alike, 90), CLOSEST, FARTHEST))
    mask = _without_specks(_enclosed(distance > line))
    return mask if TOO_LITTLE < float(mask.mean()) < TOO_MUCH else None


def _ring(height: int, width: int) -> Mask:
    depth = max(2, round(RING * min(height, width)))
    ring = np.ones((height, width), dtype=bool)
    ring[depth:-depth, depth:-depth] = False
    return ring


def _plane(lab: Array, ring: Mask) -> Array | None:
    """The background's colour at each pixel, fitted to the border's majority; None without one."""
    height, width = ring.shape
    rows, columns = np.nonzero(ring)
    border = lab[ring]
    alike = np.sqrt(((border - np.median(border, axis=0)) ** 2).sum(axis=1)) < 2 * LOOKS_ALIKE
    if alike.mean() < PLAIN:
        return None
    places = np.stack([np.ones(rows.size), columns / width, rows / height], axis=1).astype(np.float32)
    slopes = np.linalg.lstsq(places[alike], border[alike], rcond=None)[0].astype(np.float32)
    fits = np.sqrt(((border - places @ slopes) ** 2).sum(axis=1)) < LOOKS_ALIKE
    if fits.mean() < PLAIN:
        return None
    across = np.arange(width, dtype=np.float32)[None, :, None] / width
    down = np.arange(height, dtype=np.float32)[:, None, None] / height
    return np.asarray(slopes[0] + across * slopes[1] + down * slopes[2], dtype=np.float32)


def _enclosed(different: Mask) -> Mask:
    """Everything that the border's background can't reach.

    Outlines are closed first, so that it doesn't leak through a gap of a few pixels into a white
    garment; then it takes back what the closing gave away: the edge, and narrow corners.
    """
    radius = max(1, round(0.004 * max(different.shape)))
    outside = _reached(~shrink(grow(different, radius), radius))
    outside |= grow(outside, radius) & ~different
    outside |= _pockets(~different & ~outside, outside, POCKET * int((~outside).sum()))
    return _smooth(~outside)


def _reached(free: Mask) -> Mask:
    """The regions of `free` that touch the picture's border."""
    padded = np.pad(free, 1, constant_values=True)  # the border is one region, whatever lies on it
    labels = regions(padded)
    return np.asarray((labels == labels[0, 0])[1:-1, 1:-1])


def _pockets(free: Mask, outside: Mask, largest: float) -> Mask:
    """Regions of `free` beside the outside, as long as they are small: a large one is a garment."""
    labels = regions(free)
    sizes = np.bincount(labels[free], minlength=int(labels.max()) + 1)
    beside = np.zeros(sizes.size, dtype=bool)
    beside[labels[free & grow(outside, 1)]] = True
    return np.asarray(free & (beside & (sizes <= largest))[labels])


def _smooth(mask: Mask) -> Mask:
    """Without the steps that a picture's compression puts into a straight edge."""
    return np.asarray(blur(mask.astype(np.float32), 0.0016 * max(mask.shape)) > 0.5)


def _without_specks(mask: Mask) -> Mask:
    labels = regions(mask)
    sizes = np.bincount(labels[mask], minlength=int(labels.max()) + 1)
    if not sizes.any():
        return mask
    return np.asarray(mask & (sizes >= SPECK * sizes.max())[labels])


def _feathered(colours: Array, mask: Mask) -> Array:
    """A sprite with an edge of about two pixels, whose colours come from inside.

    Edge pixels are mixed with the background; taken as they are they would glow on another one.
    """
    matte = np.clip(blur(shrink(mask, 1).astype(np.float32), 0.9), 0, 1)
    inside = shrink(mask, 2).astype(np.float32)[..., None]
    weight = blur(inside[..., 0], 2.5)[..., None]
    spread = blur(colours * inside, 2.5) / np.maximum(weight, 1e-3)
    clean = np.where((inside > 0) | (weight < 0.02), colours, np.clip(spread, 0, 1))
    return _trimmed(clean.astype(np.float32), matte)


def _card(colours: Array) -> Array:
    """The picture with its corners rounded and its edge softened."""
    height, width = colours.shape[:2]
    shorter = min(height, width)
    radius, soft = 0.06 * shorter, min(max(1.5, 0.012 * shorter), shorter / 4)
    across = np.abs(np.arange(width, dtype=np.float32) + 0.5 - width / 2)[None, :]
    down = np.abs(np.arange(height, dtype=np.float32) + 0.5 - height / 2)[:, None]
    beyond = np.hypot(
        np.maximum(across - (width / 2 - soft - radius), 0),
        np.maximum(down - (height / 2 - soft - radius), 0),
    )
    matte = np.clip((radius + soft / 2 - beyond) / soft, 0, 1)
    return _trimmed(colours, matte.astype(np.float32))


def _trimmed(colours: Array, matte: Array) -> Array:
    """Premultiplied, without the empty margins."""
    seen = matte > 0.02
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.dstack([colours[box] * matte[box][..., None], matte[box]]).astype(np.float32)
