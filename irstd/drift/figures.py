"""The statistics of frames: of the pictures, and of the champion's detections in them. Ours."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from irstd.curation.near_duplicates import similar_groups, thumbnail
from irstd.frames import Frame, to_8bit, to_grey
from irstd.labels.detections import Detections

Find = Callable[[Frame], Detections]
"""A detector: a frame in, the detections at its operating threshold out."""

LABELS: Mapping[str, str] = {
    "level": "mean, grey levels",
    "contrast": "1st to 99th percentile, grey levels",
    "noise": "spread, grey levels",
    "clutter": "spread at target size, grey levels",
    "detections": "detections a frame",
    "score": "strongest score of a frame",
}
"""Every statistic of a frame, with its unit.

Grey levels are those of `to_8bit`; a spread is a standard deviation; a frame without detections has the
score 0.
"""

PICTURES = ("level", "contrast", "noise", "clutter")
ANSWERS = ("detections", "score")

# Second differences both ways: flat and sloping ground gives 0, noise of deviation 1 gives 6 (Immerkær 1996).
_MASK = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
_MASK_GAIN, _MAD = 6.0, 0.6745
_TARGET_PX, _GROUND_PX = 1.5, 6.0


@dataclass(frozen=True)
class Measured:
    """The statistics of a set of frames.

    Attributes:
        frames: how many frames there were.
        values: float64 (scenes,) by statistic; near-duplicates are one scene, which has the median of its frames.
    """

    frames: int
    values: Mapping[str, NDArray[np.float64]]

    @property
    def scenes(self) -> int:
        """Number of pictures that differ."""
        return max((len(values) for values in self.values.values()), default=0)


def measure_frames(frames: Iterable[Frame], find: Find | None = None) -> Measured:
    """Return the statistics of `frames`; those of detections only with `find`.

    Frames of one sequence show one scene; counted one by one, a small set would look like a large one.
    """
    rows, pictures = list[dict[str, float]](), {}
    for index, frame in enumerate(frames):
        rows.append(_look(frame) | ({} if find is None else _answer(find(frame))))
        pictures[f"{index:09d}"] = thumbnail(frame)
    scenes = [[int(name) for name in group] for group in similar_groups(pictures)]
    names = rows[0] if rows else ()
    values = {name: np.array([np.median([rows[i][name] for i in scene]) for scene in scenes]) for name in names}
    return Measured(len(rows), values)


def _look(frame: Frame) -> dict[str, float]:
    grey = to_grey(to_8bit(frame)).astype(np.float32)
    low, high = np.percentile(grey, (1.0, 99.0))
    differences = cv2.filter2D(grey, -1, _MASK, borderType=cv2.BORDER_REFLECT_101)
    band = cv2.GaussianBlur(grey, (0, 0), _TARGET_PX) - cv2.GaussianBlur(grey, (0, 0), _GROUND_PX)
    return {
        "level": float(grey.mean()),
        "contrast": float(high - low),
        "noise": _median(np.abs(differences)) / _MASK_GAIN / _MAD,
        "clutter": float(band.std()),
    }


def _median(whole: NDArray[np.float32]) -> float:
    """The median of whole numbers, each spread over the unit round it, so that quiet sensors differ."""
    counts = np.bincount(whole.astype(np.int64).ravel())
    up_to, half = counts.cumsum(), whole.size / 2.0
    at = int(np.searchsorted(up_to, half))
    return max(at - 0.5 + float(half - (up_to[at] - counts[at])) / float(counts[at]), 0.0)


def _answer(found: Detections) -> dict[str, float]:
    return {"detections": float(len(found)), "score": float(found.scores.max(initial=0.0))}
