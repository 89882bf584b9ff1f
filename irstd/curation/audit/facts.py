"""What the rules need to know of a frame and its labels, the pixels let go."""

import hashlib
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.curation.near_duplicates import Thumbnail, thumbnail
from irstd.frames import Frame, is_soft, to_8bit, to_grey
from irstd.labels.contrast import local_contrast
from irstd.labels.points import Components, components_of

_ON_MASK_PX = 1.0


@dataclass(frozen=True)
class ImageFacts:
    """A frame.

    Attributes:
        size: (height, width) px.
        channels: 1 or 3.
        bits: 8 or 16.
        channel_gap: the largest difference between the channels of one pixel, in grey levels; 0 for one channel.
        digest: of its pixels; the same for one channel and for three that are equal to it.
        thumbnail: what near-duplicates are told by.
        levels: int64 (256,), its histogram in 8-bit grey.
    """

    size: tuple[int, int]
    channels: int
    bits: int
    channel_gap: int
    digest: bytes
    thumbnail: Thumbnail
    levels: NDArray[np.int64]

    @classmethod
    def of(cls, frame: Frame) -> "ImageFacts":
        """The facts of `frame`."""
        gap = _channel_gap(frame)
        return cls(
            size=(frame.shape[0], frame.shape[1]),
            channels=1 if frame.ndim == 2 else 3,
            bits=8 * frame.dtype.itemsize,
            channel_gap=gap,
            digest=_digest(frame[..., 0] if frame.ndim == 3 and gap == 0 else frame),
            thumbnail=thumbnail(frame),
            levels=np.bincount(to_grey(to_8bit(frame)).ravel(), minlength=256),
        )


@dataclass(frozen=True)
class MaskFacts:
    """A mask.

    Attributes:
        size: (height, width) px.
        soft: whether it has levels other than 0 and its largest.
        areas: int64 (n,) px of its components.
        centroids: float64 (n, 2) of (x, y) px, theirs.
        contrasts: float64 (n,), their local contrasts; NaN where the frame cannot be read or has another size.
        touching: whether two of them have at most 1 px between them. [ours]
        owners: int64 (m,), the component within 1 px of each point of points.csv, −1 for none; empty without.
    """

    size: tuple[int, int]
    soft: bool
    areas: NDArray[np.int64]
    centroids: NDArray[np.float64]
    contrasts: NDArray[np.float64]
    touching: bool
    owners: NDArray[np.int64]

    @classmethod
    def of(cls, levels: Frame, frame: Frame | None, points: NDArray[np.float64] | None) -> "MaskFacts":
        """The facts of a mask as stored, of its frame and of the frame's points (m, 2) in points.csv."""
        truth = np.asarray(levels != 0 if levels.ndim == 2 else (levels != 0).any(axis=2), dtype=np.bool_)
        targets = components_of(truth)
        fits = frame is not None and frame.shape[:2] == truth.shape
        return cls(
            size=(truth.shape[0], truth.shape[1]),
            soft=is_soft(levels),
            areas=targets.areas,
            centroids=targets.points,
            contrasts=local_contrast(frame, truth, targets)
            if frame is not None and fits
            else np.full(len(targets.areas), np.nan),
            touching=_touching(truth, len(targets.areas)),
            owners=point_owners(np.zeros((0, 2)) if points is None else points, targets, truth.shape[1]),
        )


@dataclass(frozen=True)
class FrameFacts:
    """A frame with its labels.

    Attributes:
        name: the frame's name.
        image: None where it cannot be read.
        mask: None where there is none or it cannot be read.
        image_fault: why the frame cannot be read; empty where it can.
        mask_fault: the same of its mask.
        points: float64 (n, 2) of (x, y) px: those of points.csv where there is one, else the mask's centroids.
    """

    name: str
    image: ImageFacts | None
    mask: MaskFacts | None
    image_fault: str
    mask_fault: str
    points: NDArray[np.float64]


def point_owners(points: NDArray[np.float64], targets: Components, width: int) -> NDArray[np.int64]:
    """int64 (m,): for each of the `points` (m, 2) the component with the nearest pixel, −1 if that is over 1 px off.

    1 px along either axis, since a centroid may lie beside a crescent. Ours.
    """
    owners = np.full(len(points), -1, dtype=np.int64)
    if not len(targets.pixels):
        return owners
    rows, columns = np.divmod(targets.pixels, width)
    for index, (x, y) in enumerate(points):
        apart = np.maximum(np.abs(columns - x), np.abs(rows - y))
        nearest = int(apart.argmin())
        if apart[nearest] <= _ON_MASK_PX:
            owners[index] = targets.owners[nearest]
    return owners


def _touching(truth: NDArray[np.bool_], components: int) -> bool:
    """Whether two components have at most 1 px between them: those that a growth by half of that joins."""
    if components < 2:
        return False
    # Each pixel becomes 2×2: two of them meet if they were at most 2 px apart, whatever the direction.
    grown = cv2.dilate(truth.astype(np.uint8), np.ones((2, 2), dtype=np.uint8))
    return bool(cv2.connectedComponents(grown, connectivity=8)[0] - 1 < components)


def _channel_gap(frame: Frame) -> int:
    if frame.ndim == 2 or not frame.size:
        return 0
    return int((frame.max(axis=2) - frame.min(axis=2)).max())


def _digest(frame: Frame) -> bytes:
    shape = f"{frame.dtype} {frame.shape} ".encode()
    return hashlib.sha256(shape + np.ascontiguousarray(frame).tobytes()).digest()
