import numpy as np
import pytest

from irstd.frames import Frame, is_deep, map_deep
from irstd.frames.strips import map_deep_in_strips


def sky(height: int, noise: float) -> Frame:
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:height, :60].astype(float)
    counts = 9000 + 3000 * (np.sin(rows / 90) + columns / 60) + rng.normal(0, noise, rows.shape)
    counts[::97, ::23] += 400  # far enough off the background to be left out of its fit
    counts[300:310] += 900
    frame: Frame = counts.astype(np.uint16)
    return frame


@pytest.mark.parametrize(("height", "noise"), [(700, 3.0), (513, 3.0), (700, 300.0)])
def test_strips_give_the_levels_of_the_whole_frame(height: int, noise: float) -> None:
    frame = sky(height, noise)
    assert is_deep(frame) == (noise < 100)
    found, wanted = map_deep_in_strips(frame, rows=100).astype(int), map_deep(frame).astype(int)
    assert np.abs(found - wanted).max() <= 1
    assert (found != wanted).mean() < 1e-4
