"""Facts about a frame and its labels that the rules need, without the pixels."""

import hashlib
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.curation.audit.spots import Spots
from irstd.curation.near_duplicates import Thumbnail, thumbnail
from irstd.frames import Frame, is_soft, to_8bit, to_grey
from irstd.frames.read import targets_in
from irstd.labels.contrast import local_contrast
from irstd.labels.points import Components, components_of

_ON_MASK_PX = 1.0


@dataclass(frozen=True)
class ImageFacts:
    """Facts about a frame.

    Attributes:
        size: (height, width) px.
        channels: 1 or 3.
        bits: 8 or 16.
        channel_gap: largest difference between the channels of one pixel, in grey levels; 0 for one channel.
        digest: hash of the pixels; three equal channels have the digest of one.
        thumbnail: small picture for the search of near-duplicates.
        levels: int64 (256,), histogram of the 8-bit grey levels.
    """

    size: tuple[int, int]
    channels: int
    bits: int
    channel_gap: int
    digest: bytes
    thumbnail: Thumbnail
    levels: NDArray[np.int64]

    @classmethod
    def of(
        cls, frame: Frame, points: NDArray[np.float64] | None = None, mask: NDArray[np.bool_] | None = None
    ) -> "ImageFacts":
        """Return the facts of `frame`; its targets are the `points` (n, 2), or the `mask` if that has its size."""
        gap = _channel_gap(frame)
        return cls(
            size=(frame.shape[0], frame.shape[1]),
            channels=1 if frame.ndim == 2 else 3,
            bits=8 * frame.dtype.itemsize,
            channel_gap=gap,
            digest=_digest(frame[..., 0] if frame.ndim == 3 and gap == 0 else frame),
            thumbnail=thumbnail(frame, points, mask if mask is not None and mask.shape == frame.shape[:2] else None),
            levels=np.bincount(to_grey(to_8bit(frame)).ravel(), minlength=256),
        )


@dataclass(frozen=True)
class MaskFacts:
    """Facts about a mask.

    Attributes:
        size: (height, width) px.
        soft: True if it has levels other than 0 and its largest.
        areas: int64 (n,), px of each component.
        centroids: float64 (n, 2), (x, y) px of each component.
        contrasts: float64 (n,), local contrast of each component; NaN if the frame is unreadable or of another size.
        touching: True if two components have at most 1 px between them. [ours]
        owners: int64 (m,), for each point of points.csv the component within 1 px, −1 for none.
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
        """Return the facts of a mask as stored; `points` (m, 2) are those of its frame in points.csv."""
        truth = targets_in(levels)
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
    """Facts about a frame and its labels.

    Attributes:
        name: name of the frame.
        image: None if the frame cannot be read.
        mask: None if there is no mask or it cannot be read.
        image_fault: why the frame cannot be read; empty if it can.
        mask_fault: why the mask cannot be read; empty if it can.
        listed: float64 (m, 2) of (x, y) px, its points in points.csv; None without such a file.
        spots: how its points stand out of the frame; None if the frame cannot be read.
    """

    name: str
    image: ImageFacts | None
    mask: MaskFacts | None
    image_fault: str
    mask_fault: str
    listed: NDArray[np.float64] | None
    spots: Spots | None = None

    @property
    def points(self) -> NDArray[np.float64]:
        """float64 (n, 2) of (x, y) px: the listed points, else the centroids of the mask."""
        if self.listed is not None:
            return self.listed
        return np.zeros((0, 2)) if self.mask is None else self.mask.centroids

    @property
    def contrasts(self) -> NDArray[np.float64]:
        """float64 (k,), local contrast of the mask's components, else that at the points."""
        if self.mask is not None:
            return self.mask.contrasts
        return np.zeros(0) if self.spots is None else self.spots.contrasts


def point_owners(points: NDArray[np.float64], targets: Components, width: int) -> NDArray[np.int64]:
    """Return int64 (m,): for each of `points` (m, 2) the component with the nearest pixel, −1 if that is over 1 px off.

    The distance is the larger of the two axes'; the centroid of a crescent may lie beside it. Ours.
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
    """Tell whether two components have at most 1 px between them: growing each by half a pixel joins these."""
    if components < 2:
        return False
    # Each pixel becomes 2×2, so two of them meet if they were at most 2 px apart in any direction.
    grown = cv2.dilate(truth.astype(np.uint8), np.ones((2, 2), dtype=np.uint8))
    return bool(cv2.connectedComponents(grown, connectivity=8)[0] - 1 < components)


def _channel_gap(frame: Frame) -> int:
    if frame.ndim == 2 or not frame.size:
        return 0
    return int((frame.max(axis=2) - frame.min(axis=2)).max())


def _digest(frame: Frame) -> bytes:
    shape = f"{frame.dtype} {frame.shape} ".encode()
    return hashlib.sha256(shape + np.ascontiguousarray(frame).tobytes()).digest()
