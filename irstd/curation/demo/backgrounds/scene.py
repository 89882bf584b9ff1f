"""A painted background."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from irstd.curation.demo.fields import Field


@dataclass(frozen=True)
class Scene:
    """Radiance before the optics.

    Attributes:
        levels: float64 (H, W) in grey levels of the 8-bit sensors, 0 to 255.
        free: bool (H, W), where a target may stand.
    """

    levels: Field
    free: NDArray[np.bool_]
