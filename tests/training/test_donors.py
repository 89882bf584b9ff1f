"""Targets cut out of frames, to be pasted elsewhere."""

import cv2
import numpy as np
import pytest

from irstd.datasets.sample import Sample
from irstd.models.base import InputRule
from irstd.training.paste import find_donors
from tests.training.pasting import NATIVE, NONE, REACH, donors_of, square
from tests.training.tiny import blob


def test_a_donor_is_the_target_above_its_surroundings() -> None:
    frame = blob(64, 64, np.array([[30.0, 28.0]]))
    (donor,) = donors_of(frame, (30.0, 28.0))
    assert donor.excess.shape == donor.extent.shape == (25, 25)
    assert donor.excess.dtype == np.float32
    patch = frame[28 - REACH : 29 + REACH, 30 - REACH : 31 + REACH]
    # 20 is the ground, 220 the height of the spot; its pixels stand out by more than 0.35 of that.
    assert np.array_equal(donor.extent, patch > 20 + 0.35 * 220)
    middle = donor.excess[REACH - 1 : REACH + 2, REACH - 1 : REACH + 2]
    assert middle == pytest.approx(patch[11:14, 11:14] - 20.0, rel=0.04)
    far = np.hypot(*np.mgrid[-REACH : REACH + 1, -REACH : REACH + 1]) > 8
    assert not donor.excess[far].any()


def test_every_target_of_every_frame_is_one() -> None:
    points = [(20.0, 30.0), (44.0, 30.0)]
    two, one = blob(64, 64, np.array(points)), blob(64, 64, np.array(points[:1]))
    samples = [
        Sample("two", two, np.array(points)),
        Sample("none", one, NONE),
        Sample("one", one, np.array(points[:1])),
    ]
    assert len(find_donors(samples, [two, one, one], NATIVE)) == 3
    assert find_donors(samples[1:2], [one], NATIVE) == []


@pytest.mark.parametrize(("x", "count"), [(11, 0), (12, 1), (51, 1), (52, 0)])
def test_a_target_whose_patch_leaves_the_input_is_none(x: int, count: int) -> None:
    for point in ((float(x), 30.0), (30.0, float(x))):
        assert len(donors_of(blob(64, 64, np.array([point])), point)) == count


@pytest.mark.parametrize(("y", "count"), [(1, 0), (11, 0), (12, 1), (27, 1), (28, 0), (39, 0)])
def test_zeros_round_a_frame_on_its_input_are_no_surroundings(y: int, count: int) -> None:
    point = (30.0, float(y))
    frame = np.maximum(blob(40, 64, np.array([point])), np.uint8(120))
    found = donors_of(frame, point, rule=InputRule(channels=1, size=64))  # 12 rows of zeros above and below it
    assert len(found) == count
    assert all(donor.excess.min() >= 0 and donor.extent.sum() == 5 for donor in found)


def test_a_target_that_is_faint_or_a_single_pixel_is_none() -> None:
    assert len(donors_of(square(9), (30.0, 30.0))) == 1
    assert donors_of(square(7), (30.0, 30.0)) == []
    assert donors_of(square(200, side=1), (30.0, 30.0)) == []
    assert donors_of(square(0), (30.0, 30.0)) == []


def test_a_donor_is_as_large_as_the_network_sees_it() -> None:
    frame = square(100, side=5)
    areas = [
        int(donors_of(frame, (30.0, 30.0), rule=InputRule(channels=1, size=size))[0].extent.sum()) for size in (64, 128)
    ]
    assert areas[0] == 25
    assert areas[1] == pytest.approx(100, abs=20)


def test_a_donor_of_a_coloured_frame_is_that_of_its_luma() -> None:
    frame = np.random.default_rng(0).integers(20, 40, size=(64, 64, 3), dtype=np.uint8)
    frame[29:32, 29:32] = (200, 120, 60)
    (donor,) = donors_of(frame, (30.0, 30.0), rule=InputRule(color="rgb", size=None))
    grey = np.asarray(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    (plain,) = donors_of(grey, (30.0, 30.0))
    assert np.array_equal(donor.excess, plain.excess)
    assert np.array_equal(donor.extent, plain.extent)
    assert donor.extent.sum() == 9


def test_a_donor_has_the_outline_of_its_mask() -> None:
    """A cross beside another target; alone, the extent from the point would be round."""
    frame, mask = np.full((64, 64), 40, dtype=np.uint8), np.zeros((64, 64), dtype=np.bool_)
    mask[30, 26:35] = mask[26:35, 30] = mask[38:40, 38:40] = True
    frame[mask] = 140
    (donor,) = find_donors([Sample("cross", frame, np.array([(30.0, 30.0)]), mask)], [frame], NATIVE)
    cross = np.zeros((25, 25), dtype=np.bool_)
    cross[REACH, REACH - 4 : REACH + 5] = cross[REACH - 4 : REACH + 5, REACH] = True
    assert np.array_equal(donor.extent, cross)
    assert donor.excess[cross] == pytest.approx(100.0, rel=0.16)  # it fades off the outline


@pytest.mark.parametrize(("half", "count"), [(11, 1), (12, 0)])
def test_a_target_that_fills_a_patch_is_no_donor(half: int, count: int) -> None:
    mask = np.zeros((64, 64), dtype=np.bool_)
    mask[30, 30 - half : 31 + half] = True
    frame = np.where(mask, np.uint8(140), np.uint8(40))
    assert len(find_donors([Sample("bar", frame, np.array([(30.0, 30.0)]), mask)], [frame], NATIVE)) == count


def test_a_mask_without_the_target_gives_no_donor() -> None:
    sample = Sample("off", square(100), np.array([(30.0, 30.0)]), np.zeros((64, 64), dtype=np.bool_))
    assert find_donors([sample], [square(100)], NATIVE) == []
