"""Pseudo-masks of frames that have points alone, so that they can be scored and learned from like any other. Ours."""

import numpy as np
from numpy.typing import NDArray

from irstd.datasets.sample import Sample
from irstd.frames import map_deep
from irstd.labels.boxes import box_pixels
from irstd.labels.extent import masks_from_points

GIVEN = "given"
POINTS_ALONE = "points alone, and scores need masks: `--masks points` makes pseudo-masks of them (then with --replace)"
"""What is said of a set that was imported without masks."""
_PSEUDO = "pseudo-masks from points by the fixed step of docs/hse.md"
_BOXED = f"{_PSEUDO}, within 2 px of the boxes"


def pseudo_mask(sample: Sample) -> NDArray[np.bool_]:
    """The pseudo-mask, bool (H, W), of a sample's points; where there are boxes, only what lies within 2 px of them."""
    mask = masks_from_points(map_deep(sample.frame), sample.points)
    return mask if sample.boxes is None else mask & box_pixels(mask.shape, sample.boxes)


def mask_origin(*, has_masks: bool, has_boxes: bool) -> str:
    """Return the origin of a set's masks, as dataset.json has it, by whether the set came with masks or boxes."""
    if has_masks:
        return GIVEN
    return _BOXED if has_boxes else _PSEUDO
