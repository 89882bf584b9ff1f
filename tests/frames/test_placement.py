"""Placement there and back."""

import numpy as np
import pytest

from irstd.frames import Placement, place_native, place_square, read_image, to_8bit, to_rgb
from tests.shared import SHARED, needs_shared


def test_corners_stand_where_the_paper_puts_them() -> None:
    placement = place_square(256, 320, 512)  # 1.6 times; 51.2 rows of zeros above and below
    corners = np.array([[0, 0], [319, 0], [0, 255]], dtype=np.float64)
    np.testing.assert_allclose(placement.to_input(corners), [[0, 51.2], [511, 51.2], [0, 460 - 0.2]], atol=1e-9)


@pytest.mark.parametrize("shape", [(96, 135), (512, 512), (1, 1), (1, 640), (480, 1)])
@pytest.mark.parametrize("size", [64, 512])
def test_points_come_back(shape: tuple[int, int], size: int) -> None:
    height, width = shape
    points = np.random.default_rng(0).uniform(0, (width - 1 + 1e-9, height - 1 + 1e-9), (20, 2))
    for placement in (place_square(height, width, size), place_native(height, width, 16)):
        placed = placement.to_input(points)
        np.testing.assert_allclose(placement.to_frame(placed), points, atol=1e-9)
        assert ((placed >= 0) & (placed <= np.array(placement.size[::-1]) - 0.5)).all()


def test_a_bright_pixel_is_where_its_point_says() -> None:
    frame = np.zeros((40, 60), dtype=np.uint8)
    frame[20, 30] = 255
    placement = place_square(40, 60, 240)
    row, column = np.unravel_index(placement.warp(frame).argmax(), (240, 240))
    assert np.abs(placement.to_input(np.array([[30.0, 20.0]])) - [[column, row]]).max() <= 0.5


def test_native_frames_are_padded_at_right_and_bottom_alone() -> None:
    frame = np.full((33, 47), 9, dtype=np.uint8)
    placement = place_native(33, 47, 16)
    warped = placement.warp(frame)
    assert warped.shape == placement.size == (48, 48)
    assert np.array_equal(warped[:33, :47], frame)
    assert not warped[33:].any()
    assert not warped[:, 47:].any()
    assert place_native(33, 47, 1) == Placement(scale=(1.0, 1.0), offset=(0.0, 0.0), size=(33, 47), frame=(33, 47))


def test_no_points_stay_no_points() -> None:
    assert place_square(10, 10, 64).to_frame(np.zeros((0, 2))).shape == (0, 2)


@needs_shared
def test_frames_stand_as_the_authors_place_them() -> None:
    golden = np.load(SHARED / "spire-official" / "prps_golden.npz", allow_pickle=False)
    for name in sorted({key.split("/")[0] for key in golden}):
        frame = read_image(SHARED / "open-sirst-v1" / "mixed" / f"{name}.png")
        placed = place_square(frame.shape[0], frame.shape[1], 512).warp(to_rgb(to_8bit(frame)))
        assert np.array_equal(placed, golden[f"{name}/image"])
