"""Frames with their misses and false alarms enlarged beside them."""

import numpy as np
import pytest

from irstd.frames.overlay import draw_overlay
from irstd.frames.zoom import draw_with_zooms
from tests.frames.test_overlay import found, judged


@pytest.mark.parametrize(
    ("points", "hit", "missed", "windows"),
    [
        ((), (), (), 0),
        (((20, 20),), (True,), (), 0),
        (((20, 20),), (False,), (), 1),
        (((0, 0), (127, 127)), (False, False), ((60.0, 60.0),), 2),
        ((), (), ((60.0, 60.0), (62.0, 61.0)), 1),  # one window shows both
    ],
)
def test_as_many_windows_as_there_is_to_show(
    points: tuple[tuple[float, float], ...],
    hit: tuple[bool, ...],
    missed: tuple[tuple[float, float], ...],
    windows: int,
) -> None:
    frame = np.random.default_rng(0).integers(0, 256, (128, 128)).astype(np.uint8)
    whole = draw_overlay(frame, found(*points), judged(*hit, missed=missed), "name")
    picture = draw_with_zooms(frame, found(*points), judged(*hit, missed=missed), "name")
    assert (picture[: whole.shape[0], : whole.shape[1]] == whole).all()
    tile = draw_overlay(frame[:40, :40], found(), judged())
    assert picture.shape[1] - whole.shape[1] == windows * (tile.shape[1] + 6)


@pytest.mark.parametrize("size", [(8, 8), (12, 300), (64, 64, 3)])
def test_frames_smaller_than_a_window_and_of_colour_are_drawn(size: tuple[int, ...]) -> None:
    frame = np.zeros(size, np.uint16)
    assert draw_with_zooms(frame, found((3, 3)), judged(False)).shape[2] == 3
