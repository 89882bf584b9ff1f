"""How far frames are shrunk."""

import pytest

from irstd.inference.shrinking import shrink_factor, shrink_line


def test_factors() -> None:
    assert shrink_factor((512, 1024), 256) == pytest.approx(4, rel=0.01)
    assert shrink_factor((100, 100), 256) < 1
    assert shrink_factor((4096, 4096), None) == 1


def test_the_line_tells_the_most() -> None:
    line = shrink_line([(512, 640), (256, 200), (100, 1024)], 256)
    assert line is not None
    assert line.startswith("2 of 3 frames are shrunk to 256 × 256 px, up to 4.0 ×; targets below ")
    assert shrink_line([(256, 256), (20, 30)], 256) is None
    assert shrink_line([(4096, 4096)], None) is None
