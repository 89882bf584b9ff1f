"""The truth that a frame is scored against."""

import numpy as np
from numpy.typing import NDArray

from irstd.datasets.sample import Sample
from irstd.errors import DataError


def true_mask(sample: Sample) -> NDArray[np.bool_]:
    """Return the mask of a frame, bool (H, W).

    Raises:
        DataError: it has none.
    """
    if sample.mask is None:
        raise DataError(
            f"{sample.name}: has points but no mask; HSE needs masks of the frames it is scored on. Import the set "
            "with `--masks points`, or join it with one that has masks (`irstd data join`): both make pseudo-masks"
        )
    return sample.mask
