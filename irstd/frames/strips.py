"""Large deep frames in 8 bit: what `irstd.frames.map_deep` makes of them, a strip at a time, in little memory. Ours."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from irstd.frames.deep import above_background, is_lost, levels_above, local_noise, map_deep
from irstd.frames.levels import to_8bit
from irstd.frames.read import Frame

_ROWS = 512
# No level depends on a row farther away: each of four fits reaches 15 rows by the background, 30 more by the noise.
_REACH = 192


def map_deep_in_strips(frame: Frame, rows: int = _ROWS) -> NDArray[np.uint8]:
    """`frame` in 8 bit, same shape, as `map_deep` gives it but for rounding of single levels.

    Args:
        frame: (H, W) or (H, W, 3), 8 or 16 bit.
        rows: height of a strip.
    """
    height = frame.shape[0]
    if frame.dtype == np.uint8 or height <= rows + 2 * _REACH:
        return map_deep(frame)
    levels = np.empty(frame.shape, dtype=np.uint8)
    noise: NDArray[Any] = np.empty(frame.shape[:2], dtype=np.float32)
    for top in range(0, height, rows):
        first, end = max(top - _REACH, 0), min(top + rows, height)
        above = above_background(frame[first : end + _REACH])
        local = local_noise(above)[top - first : end - first]
        levels[top:end] = levels_above(above[top - first : end - first], local)
        noise[top:end] = local
    return levels if is_lost(noise, frame) else to_8bit(frame)
