"""The counts of hse-1 and hse-2, of one frame or of any number of frames pooled."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irstd.errors import ScoreError
from irstd.labels.contrast import CONTRAST_LIMITS, SIZE_LIMITS_PX
from irstd.metrics.ranked import Ranked, pooled_ranked
from irstd.metrics.thresholds import DISTANCES_PX, LEVELS, TARGET_CONFIDENCES

# A frame's own IoU is kept as a whole number of 2^-40, so that its sums, too, are exact and do not depend on the order
# or the shards in which frames are added: the same frames always give the same bytes.
IOU_UNIT = 2**40

_PIXELS = (LEVELS + 2,)
_TARGETS = (len(TARGET_CONFIDENCES) + 1,)
_ARRAYS = {
    "pixel_tp": _PIXELS,
    "pixel_fp": _PIXELS,
    "own_iou": _PIXELS,
    "found": _TARGETS,
    "target_tp": (*_TARGETS, len(DISTANCES_PX)),
    "unmatched_px": (*_TARGETS, len(DISTANCES_PX)),
    "size_targets": (len(SIZE_LIMITS_PX) + 1,),
    "size_detected": (len(SIZE_LIMITS_PX) + 1,),
    "contrast_targets": (len(CONTRAST_LIMITS) + 1,),
    "contrast_detected": (len(CONTRAST_LIMITS) + 1,),
}


@dataclass(frozen=True, eq=False)
class Counts:
    """Whole numbers that add up over frames: `a + b`, or `pooled(...)`.

    The threshold axes are those of `irstd.metrics.thresholds`: 255 levels, 0.5, operating (p = 257); nine confidences,
    operating (q = 10). The distance axis is 1 to 5 px (d = 5).

    Attributes:
        threshold: the operating threshold; only counts of the same one can be added.
        frames, target_frames: all frames, and those that hold a true target.
        pixels, target_pixels: all pixels, and the true ones.
        targets: true targets.
        pixel_tp, pixel_fp: (p,) pixels at or above the threshold, true and not.
        own_iou: (p,) sum over the frames with a target of their own IoU, in 2^-40.
        found: (q,) found targets.
        target_tp: (q, d) matched pairs.
        unmatched_px: (q, d) area of the unmatched found targets.
        size_targets, size_detected: (3,) true targets by size, and those matched at the operating threshold and 5 px.
        contrast_targets, contrast_detected: (3,) the same by local contrast, of frames whose grey levels were given.
        free_pixels, free_found, free_found_px: pixels of target-free frames; false alarms there at the operating
            threshold, and their area.
        free_alarmed: target-free frames with a false alarm.
        ranked: the counts of hse-2; None where a part was stored by an irstd without them.
    """

    threshold: float
    frames: int
    target_frames: int
    pixels: int
    target_pixels: int
    targets: int
    pixel_tp: NDArray[np.int64]
    pixel_fp: NDArray[np.int64]
    own_iou: NDArray[np.int64]
    found: NDArray[np.int64]
    target_tp: NDArray[np.int64]
    unmatched_px: NDArray[np.int64]
    size_targets: NDArray[np.int64]
    size_detected: NDArray[np.int64]
    contrast_targets: NDArray[np.int64]
    contrast_detected: NDArray[np.int64]
    free_pixels: int
    free_found: int
    free_found_px: int
    free_alarmed: int
    ranked: Ranked | None = None

    @classmethod
    def none(cls, threshold: float) -> "Counts":
        """Return the counts of no frame.

        Raises:
            ScoreError: the threshold is not in (0, 1].
        """
        if not 0 < threshold <= 1:
            raise ScoreError(f"the operating threshold must lie in (0, 1], got {threshold:g}")
        zeros: dict[str, Any] = {
            name: np.zeros(shape, dtype=np.int64) if shape else 0 for name, shape in SHAPES.items()
        }
        return cls(threshold, **zeros, ranked=Ranked.none())

    def __add__(self, other: "Counts") -> "Counts":
        return replace(self._amounts_with(other), ranked=_ranked([self, other]))

    def _amounts_with(self, other: "Counts") -> "Counts":
        """Add all but the counts of hse-2, which are faster to add at once."""
        if self.threshold != other.threshold:
            raise ScoreError(
                f"counts at the operating thresholds {self.threshold:g} and {other.threshold:g} cannot be added; "
                "score all frames at one"
            )
        return Counts(self.threshold, *(getattr(self, name) + getattr(other, name) for name in SHAPES))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Counts):
            return NotImplemented
        return all(np.array_equal(getattr(self, each.name), getattr(other, each.name)) for each in fields(self))

    __hash__ = None  # type: ignore[assignment]


SHAPES: Mapping[str, tuple[int, ...]] = {
    each.name: _ARRAYS.get(each.name, ()) for each in fields(Counts) if each.name not in ("threshold", "ranked")
}
"""The shape of each amount of hse-1, () for a single number: every attribute of `Counts` but the threshold and
`ranked`, in their order."""


def pooled(parts: Iterable[Counts], threshold: float) -> Counts:
    """Return the sum of `parts`, all made at the operating `threshold`; without parts the counts of no frame.

    Raises:
        ScoreError: a part was made at another threshold.
    """
    each = list(parts)
    total = Counts.none(threshold)
    for part in each:
        total = total._amounts_with(part)
    return replace(total, ranked=_ranked(each))


def _ranked(parts: Sequence[Counts]) -> Ranked | None:
    known = [part.ranked for part in parts if part.ranked is not None]
    return pooled_ranked(known) if len(known) == len(parts) else None
