"""Grey levels and channels."""

import numpy as np

from irstd.frames import to_8bit, to_grey, to_rgb


def test_8_bit_frames_are_left_alone() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    assert to_8bit(frame) is frame or np.array_equal(to_8bit(frame), frame)


def test_the_bulk_of_a_16_bit_frame_fills_the_lower_levels() -> None:
    frame = np.repeat(np.arange(1000, 1201, dtype=np.uint16), 10).reshape(30, 67)
    low, high = np.percentile(frame, (1, 99))
    eight = to_8bit(frame)
    assert eight.dtype == np.uint8
    # A tenth of the range stands for the 1st percentile, six tenths for the 99th.
    assert abs(int(eight[frame == round(low)][0]) - 25.5) <= 1.5
    assert abs(int(eight[frame == round(high)][0]) - 153) <= 1.5


def test_a_target_far_above_the_bulk_keeps_its_height() -> None:
    frame = np.random.default_rng(0).integers(1000, 1100, (64, 64)).astype(np.uint16)
    frame[10, 10], frame[20, 20], frame[30, 30] = 1130, 1160, 60000
    eight = to_8bit(frame)
    assert eight[10, 10] < eight[20, 20] < eight[30, 30] == 255


def test_order_is_kept_and_flat_frames_stay_flat() -> None:
    frame = np.random.default_rng(1).integers(0, 65536, (32, 32)).astype(np.uint16)
    order = np.argsort(frame, axis=None)
    assert (np.diff(to_8bit(frame).ravel()[order].astype(int)) >= 0).all()
    for level in (0, 777, 65535):
        assert len(np.unique(to_8bit(np.full((8, 8), level, dtype=np.uint16)))) == 1


def test_grey_and_rgb_there_and_back() -> None:
    grey = np.random.default_rng(2).integers(0, 256, (6, 7), dtype=np.uint8)
    assert to_rgb(grey).shape == (6, 7, 3)
    assert np.array_equal(to_grey(to_rgb(grey)), grey)
    red = np.zeros((1, 1, 3), dtype=np.uint8)
    red[..., 0] = 100
    assert to_grey(red).tolist() == [[30]]
