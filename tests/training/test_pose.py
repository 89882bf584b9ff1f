from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from irstd.frames import place_native, place_square
from irstd.training.pose import MARGIN_PX, Pose, window_at_centre, window_start
from tests.training.tiny import blob

POSES = list(product((False, True), (False, True), (False, True)))
FRAME_POINT = np.array([[37.3, 21.8]])


def pose(zoom: float, flips: tuple[bool, bool, bool], size: tuple[int, int] = (48, 48)) -> Pose:
    placement = place_square(50, 80, 96)
    start_x, start_y = placement.to_input(FRAME_POINT)[0] * zoom - (17.0, 30.0)
    return Pose(placement, zoom, (round(start_x), round(start_y)), size, (flips[0], flips[1]), flips[2])


def centre(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    weight = np.clip(image.astype(float) - 60, 0, None)
    rows, columns = np.indices(image.shape)
    return np.array([np.average(columns, weights=weight), np.average(rows, weights=weight)])


@pytest.mark.parametrize("flips", POSES)
@pytest.mark.parametrize("zoom", [0.7, 1.0, 1.15, 1.9])
def test_a_bright_spot_lands_where_its_point_says(zoom: float, flips: tuple[bool, bool, bool]) -> None:
    cut = pose(zoom, flips)
    crop = cut.warp(blob(50, 80, FRAME_POINT))
    assert centre(crop) == pytest.approx(cut.move(FRAME_POINT)[0], abs=0.15)


@pytest.mark.parametrize("flips", POSES)
def test_every_pose_is_a_mirrored_or_transposed_view_of_the_plain_crop(flips: tuple[bool, bool, bool]) -> None:
    frame = np.random.default_rng(0).integers(0, 256, size=(50, 80, 3), dtype=np.uint8)
    plain = pose(1.3, (False, False, False)).warp(frame)
    expected = plain[:: -1 if flips[1] else 1, :: -1 if flips[0] else 1]
    expected = expected.transpose(1, 0, 2) if flips[2] else expected
    found = pose(1.3, flips).warp(frame).astype(int)
    assert np.abs(found - expected).max() <= 4  # OpenCV rounds positions to 1/32 px
    assert np.abs(found - expected).mean() < 0.5


def test_at_zoom_one_a_crop_is_a_piece_of_what_the_network_sees_at_inference() -> None:
    frame = np.random.default_rng(1).integers(0, 256, size=(50, 80), dtype=np.uint8)
    placement = place_native(50, 80, 1)
    crop = Pose(placement, 1.0, (12, 5), (24, 40)).warp(frame)
    assert np.array_equal(crop, frame[5:29, 12:52])


@pytest.mark.parametrize("flips", POSES)
@pytest.mark.parametrize("turn", [-150.0, -31.0, 12.5, 90.0, 180.0])
def test_a_turned_crop_keeps_its_pivot_and_takes_its_points_along(turn: float, flips: tuple[bool, bool, bool]) -> None:
    plain = pose(1.9, (False, False, False))
    pivot = tuple(plain.move(FRAME_POINT)[0])
    turned = replace(plain, turn=turn, pivot=pivot)
    assert turned.move(FRAME_POINT)[0] == pytest.approx(pivot)
    cut = replace(pose(1.9, flips), turn=turn, pivot=(20.0, 27.0))
    assert centre(cut.warp(blob(50, 80, FRAME_POINT))) == pytest.approx(cut.move(FRAME_POINT)[0], abs=0.15)


def test_a_quarter_turn_goes_from_x_towards_y() -> None:
    cut = Pose(place_native(50, 50, 1), 1.0, (0, 0), (50, 50), turn=90.0, pivot=(10.0, 10.0))
    assert cut.move(np.array([[14.0, 10.0]]))[0] == pytest.approx([10.0, 14.0])


def test_outside_the_frame_is_zero() -> None:
    crop = Pose(place_native(20, 20, 1), 1.0, (-4, -6), (32, 32)).warp(np.full((20, 20), 200, dtype=np.uint8))
    assert (crop[6:26, 4:24] == 200).all()
    assert crop.sum() == 200 * 400


def test_a_mask_goes_with_its_frame() -> None:
    frame = blob(50, 80, FRAME_POINT)
    for flips in POSES:
        cut = pose(1.9, flips)
        mask = cut.warp_mask(frame > 130)
        assert centre((mask * 255).astype(np.uint8)) == pytest.approx(cut.move(FRAME_POINT)[0], abs=0.6)


def test_points_are_kept_where_they_round_to_a_pixel_of_the_crop() -> None:
    cut = Pose(place_native(50, 50, 1), 1.0, (10, 10), (16, 24))
    points = np.array([[9.4, 12.0], [9.6, 12.0], [33.4, 25.4], [33.6, 12.0], [12.0, 25.6]])
    assert cut.inside(cut.move(points)).tolist() == pytest.approx(np.array([[-0.4, 2.0], [23.4, 15.4]]))


@given(st.integers(8, 300), st.integers(12, 300), st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.integers(0, 2**32))
def test_a_window_near_a_point_holds_it_and_stays_on_the_canvas(
    extent: int, length: int, across: float, down: float, seed: int
) -> None:
    canvas = (float(extent - 1), float(extent - 1) * 0.75)
    near = np.array([across * canvas[0], down * canvas[1]])
    start = window_start(np.random.default_rng(seed), canvas, (length, length), near)
    for axis in (0, 1):
        room = int(np.ceil(canvas[axis])) + 1 - length
        assert min(0, room) <= start[axis] <= max(0, room)
        inside = near[axis] - start[axis]
        rim = min(MARGIN_PX, near[axis], canvas[axis] - near[axis], (length - 1) // 2 - 1)
        assert rim <= inside + 1e-9
        assert inside <= length - 1 - rim + 1e-9


@pytest.mark.parametrize("zoom", [0.85, 1.0, 1.07, 1.15])
def test_a_window_at_the_centre_keeps_the_frames_middle_in_its_own(zoom: float) -> None:
    placement, size = place_square(50, 80, 96), (96, 96)
    start = window_at_centre((zoom * 95, zoom * 95), size)
    cut = Pose(placement, zoom, start, size)
    assert cut.move(np.array([[39.5, 24.5]]))[0] == pytest.approx([47.5, 47.5], abs=0.5)


def test_windows_are_uniform() -> None:
    random = np.random.default_rng(0)
    starts = [window_start(random, (99.0, 99.0), (40, 40), np.array([50.0, 50.0])) for _ in range(4000)]
    found, counts = np.unique([x for x, _ in starts], return_counts=True)
    assert found.tolist() == list(range(50 - 39 + MARGIN_PX, 50 - MARGIN_PX + 1))
    assert counts.min() > 0.7 * counts.mean()
