"""Targets of other frames pasted into crops, so that the same targets appear on more backgrounds. Ours.

A target's pixels are those of its frame's mask; where there is none, `irstd.labels.extent` finds them from its point.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.datasets.sample import Sample
from irstd.labels.extent import masks_from_points
from irstd.labels.points import components_of
from irstd.models.base import InputRule
from irstd.training.pose import Pose

_REACH_PX = 12  # half of a patch; the extent of a target found from its point ends within 8 px
_APART_PX = 28.0  # on one axis at least: labels reach 6 cells of 4 px, and one that covers a peak halves it
_STRENGTH = (0.5, 1.2)  # of a pasted target, against what it was
_MOST = 2  # in a crop
_LEAST_DEVIATIONS = 3.0  # of its new background; a fainter one would teach that noise is a target
_LEAST_LEVELS = 8.0  # a fainter target is no target any more at half its strength


@dataclass(frozen=True)
class Donor:
    """A target cut from its background.

    Attributes:
        excess: float32 (25, 25), grey levels above its surroundings, fading to 0 off the target.
        extent: bool (25, 25), its pixels.
        offset: (x, y) px of its point from the middle of the patch, at most half a pixel each.
    """

    excess: NDArray[np.float32]
    extent: NDArray[np.bool_]
    offset: tuple[float, float] = (0.0, 0.0)


def find_donors(samples: Iterable[Sample], levels: Iterable[NDArray[np.uint8]], rule: InputRule) -> list[Donor]:
    """Cut out the targets of `samples` at the network's scale; targets at a frame's edge or too faint are left out."""
    found = []
    for sample, own in zip(samples, levels, strict=True):
        if not len(sample.points):
            continue
        placement = rule.place(*own.shape[:2])
        image = placement.warp(own)
        grey = image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        height, width = own.shape[:2]
        first, last = placement.to_input(np.array([(0.0, 0.0), (width - 1.0, height - 1.0)]))
        points = placement.to_input(sample.points)
        mask = None if sample.mask is None else Pose(placement, 1.0, (0, 0), placement.size).warp_mask(sample.mask)
        # Nothing of the zeros round a frame on its input may be in a patch.
        inner = ((np.rint(points) - _REACH_PX >= first) & (np.rint(points) + _REACH_PX <= last)).all(axis=1)
        found += [_donor(grey, point, mask) for point in points[inner]]
    return [donor for donor in found if donor is not None]


def paste(
    random: np.random.Generator, donors: Sequence[Donor], crop: NDArray[np.uint8], pose: Pose, sample: Sample
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """One or two targets added to `crop`, in place: their points (n, 2) of (x, y) crop px, and their pixels (H, W).

    They are placed where the crop shows the frame of `sample`, away from its own targets, each randomly turned,
    mirrored and scaled in strength. Fewer or none are added where there is no room.
    """
    own = pose.move(sample.points)
    points, pixels = np.zeros((0, 2)), np.zeros(crop.shape[:2], dtype=np.bool_)
    low, high = _room(crop, pose, sample)
    if not donors or (low > high).any():
        return points, pixels
    for _ in range(int(random.integers(1, _MOST + 1))):
        donor = donors[int(random.integers(len(donors)))]
        turns, mirrored, strength = int(random.integers(4)), bool(random.integers(2)), random.uniform(*_STRENGTH)
        x, y = (int(random.integers(first, last + 1)) for first, last in zip(low, high, strict=True))
        if (np.abs(np.vstack([own, points]) - (x, y)).max(axis=1) < _APART_PX).any():
            continue
        if not _shows_frame(pose, sample, (x, y)):
            continue
        window = (slice(y - _REACH_PX, y + _REACH_PX + 1), slice(x - _REACH_PX, x + _REACH_PX + 1))
        excess = strength * _turned(donor.excess, turns, mirrored=mirrored)
        if excess.max() < _LEAST_DEVIATIONS * crop[window].std():
            continue
        added = crop[window] + (excess if crop.ndim == 2 else excess[..., None])
        crop[window] = np.clip(np.rint(added), 0, 255).astype(np.uint8)
        pixels[window] |= _turned(donor.extent, turns, mirrored=mirrored)
        shift = _turned_offset(donor.offset, turns, mirrored=mirrored)
        points = np.vstack([points, np.array((x, y)) + shift])
    return points, pixels


def _room(crop: NDArray[np.uint8], pose: Pose, sample: Sample) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The least and the greatest (x, y) at which a whole patch can lie on the part of the frame that the crop shows."""
    right, bottom = sample.frame.shape[1] - 1.0, sample.frame.shape[0] - 1.0
    corners = pose.move(np.array([(0.0, 0.0), (right, 0.0), (0.0, bottom), (right, bottom)]))
    low = np.maximum(np.ceil(corners.min(axis=0)), 0) + _REACH_PX
    high = np.minimum(np.floor(corners.max(axis=0)), np.array(crop.shape[1::-1]) - 1) - _REACH_PX
    return low.astype(np.int64), high.astype(np.int64)


def _shows_frame(pose: Pose, sample: Sample, centre: tuple[int, int]) -> bool:
    """Tell whether the crop shows the frame at each corner of the patch; a rotated crop has empty corners."""
    if not pose.turn:
        return True  # `_room` has seen to it
    matrix, reach = pose.matrix(), np.array([(-1, -1), (1, -1), (-1, 1), (1, 1)]) * _REACH_PX
    on_frame = np.linalg.solve(matrix[:, :2], (np.array(centre) + reach - matrix[:, 2]).T).T
    return bool(((on_frame >= 0.0) & (on_frame <= np.array(sample.frame.shape[1::-1]) - 1)).all())


def _donor(grey: NDArray[np.uint8], point: NDArray[np.float64], mask: NDArray[np.bool_] | None) -> Donor | None:
    middle = np.rint(point)
    x, y = (int(value) for value in middle)
    window = (slice(y - _REACH_PX, y + _REACH_PX + 1), slice(x - _REACH_PX, x + _REACH_PX + 1))
    extent = masks_from_points(grey, np.array([point]))[window] if mask is None else _nearest(mask[window])
    own = cv2.dilate(extent.astype(np.uint8), np.ones((3, 3), np.uint8))
    rim = cv2.dilate(own, np.ones((3, 3), np.uint8)) == 0
    if extent.sum() < 2 or not rim.any():
        return None
    if extent[0].any() or extent[-1].any() or extent[:, 0].any() or extent[:, -1].any():
        return None  # larger than a patch
    fading = cv2.GaussianBlur(own.astype(np.float32), (5, 5), 1.0)
    excess = (grey[window].astype(np.float32) - np.float32(np.median(grey[window][rim]))) * fading
    if excess.max() < _LEAST_LEVELS:
        return None
    across, down = point - middle
    return Donor(np.asarray(excess, dtype=np.float32), extent, (float(across), float(down)))


def _nearest(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The component of a patch's mask whose pixels come nearest to its middle."""
    components = components_of(mask)
    found = np.zeros(mask.size, dtype=np.bool_)
    if len(components.pixels):
        rows, columns = np.divmod(components.pixels, mask.shape[1])
        apart = np.hypot(rows - _REACH_PX, columns - _REACH_PX)
        found[components.pixels[components.owners == components.owners[apart.argmin()]]] = True
    return found.reshape(mask.shape)


def _turned_offset(offset: tuple[float, float], turns: int, *, mirrored: bool) -> NDArray[np.float64]:
    """Return (x, y) of a point that `_turned` has moved with its patch."""
    x, y = offset
    for _ in range(turns):
        x, y = y, -x
    return np.array((x, -y if mirrored else y))


def _turned(patch: NDArray[Any], turns: int, *, mirrored: bool) -> NDArray[Any]:
    turned = np.rot90(patch, turns)
    return turned[::-1] if mirrored else turned
