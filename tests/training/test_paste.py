from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from irstd.datasets.sample import Sample
from irstd.frames import place_native
from irstd.labels.response import RESPONSES
from irstd.training.paste import Donor, paste
from irstd.training.pose import Pose
from tests.training.pasting import NONE, REACH, donors_of, square

HOOK = ((0, 90), (1, 60), (2, 40))  # what stands at (dx, dy) = (0, 0), (1, 0), (2, 0): like no turn or mirror of itself


def hook() -> Donor:
    """A target of four pixels that each of the eight turns and mirrors shows otherwise."""
    excess, extent = np.zeros((25, 25), dtype=np.float32), np.zeros((25, 25), dtype=np.bool_)
    for dx, level in HOOK:
        excess[REACH, REACH + dx] = level
    excess[REACH + 1, REACH + 2] = 30
    extent[excess > 0] = True
    return Donor(excess, extent)


def flat(height: int = 96, width: int = 96, *points: tuple[float, float]) -> Sample:
    return Sample("flat", np.full((height, width), 50, dtype=np.uint8), np.array(points).reshape(-1, 2))


def view(sample: Sample, size: int = 96, **changes: Any) -> Pose:
    """The pose of a crop at (0, 0), changed."""
    height, width = sample.frame.shape[:2]
    return replace(Pose(place_native(height, width, 1), 1.0, (0, 0), (size, size)), **changes)


def pasted(
    seed: int, donors: list[Donor], sample: Sample, pose: Pose
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.float64], NDArray[np.bool_]]:
    """The crop before and after, the points and the pixels."""
    before = pose.warp(np.asarray(sample.frame, dtype=np.uint8))
    crop = before.copy()
    points, pixels = paste(np.random.default_rng(seed), donors, crop, pose, sample)
    return before, crop, points, pixels


def test_a_pasted_point_is_where_it_was_in_its_target() -> None:
    """In every turn the point stays at the same pixels: a third of a pixel from the corner of the hook."""
    donor, sample, seen = replace(hook(), offset=(0.3, -0.1)), flat(), set()
    for seed in range(40):
        _, _, points, pixels = pasted(seed, [donor], sample, view(sample))
        if len(points) != 1:
            continue
        x, y = (int(value) for value in np.rint(points[0]))
        window = pixels[y - REACH : y + REACH + 1, x - REACH : x + REACH + 1]
        turned = [
            (turns, flipped)
            for turns, flipped in product(range(4), (False, True))
            if np.array_equal(np.rot90(hook().extent, turns)[:: -1 if flipped else 1], window)
        ]
        for turns, flipped in turned:
            shift = complex(0.3, -0.1) * (-1j) ** turns  # y points down
            assert points[0] - (x, y) == pytest.approx((shift.real, -shift.imag if flipped else shift.imag))
            seen.add((turns, flipped))
    assert len(seen) == 8


@pytest.mark.parametrize("flips", list(product((False, True), repeat=3)))
@pytest.mark.parametrize("zoom", [0.8, 1.0, 1.15])
def test_what_is_pasted_lies_on_the_frame_and_apart(zoom: float, flips: tuple[bool, bool, bool]) -> None:
    sample = flat(130, 160, (30.0, 40.0), (80.0, 20.0))
    # The window ends beyond the frame's left and lower rim.
    pose = view(sample, 128, start=(-9, 12), zoom=zoom, mirror=flips[:2], transpose=flips[2])
    own, shown = pose.move(sample.points), pose.warp_mask(np.ones((130, 160), dtype=np.bool_))
    rows, columns = np.indices(shown.shape)
    counts = set()
    for seed in range(50):
        before, crop, points, pixels = pasted(seed, [hook()], sample, pose)
        counts.add(len(points))
        near = np.zeros_like(shown)
        for index, (x, y) in enumerate(points):
            assert (x, y) == (round(x), round(y))
            window = (abs(columns - x) <= REACH) & (abs(rows - y) <= REACH)
            assert window.sum() == 25 * 25
            assert shown[window].all()
            others = np.vstack([own, points[:index]])
            assert np.abs(others - (x, y)).max(axis=1).min() >= 28
            near |= window
        assert np.array_equal(crop[~near], before[~near])
        assert np.array_equal(pixels, crop != before)  # the excess of this donor lies on its extent alone
    assert counts <= {0, 1, 2}
    assert max(counts) == 2


@pytest.mark.parametrize("label", ["gaussian", "prps"])
def test_the_label_of_no_target_covers_the_peak_of_another(label: str) -> None:
    sample, counts = flat(128, 128, (30.3, 40.6), (80.0, 20.0)), set()
    for seed in range(25):
        _, crop, points, _ = pasted(seed, [hook()], sample, view(sample, 128))
        everything = np.vstack([sample.points, points])
        response = RESPONSES[label](crop, everything)
        peaks = [float(response[int(y / 4 + 0.5), int(x / 4 + 0.5)]) for x, y in everything]
        assert min(peaks) > 0.99
        counts.add(len(points))
    assert max(counts) == 2


def test_the_excess_is_added_with_a_strength_in_any_turn() -> None:
    sample, donor = flat(), hook()
    forms = [
        form for turns in range(4) for form in (np.rot90(donor.excess, turns), np.rot90(donor.excess, turns)[::-1])
    ]
    seen, strengths = set(), []
    for seed in range(80):
        before, crop, points, pixels = pasted(seed, [donor], sample, view(sample))
        for x, y in points.astype(int):
            window = (slice(y - REACH, y + REACH + 1), slice(x - REACH, x + REACH + 1))
            added = crop[window].astype(float) - before[window]
            strengths.append(added[REACH, REACH] / 90)
            (form,) = [
                index for index, each in enumerate(forms) if np.allclose(added, strengths[-1] * each, atol=1.0, rtol=0)
            ]
            assert np.array_equal(pixels[window], forms[form] > 0)
            seen.add(form)
    assert seen == set(range(8))
    assert min(strengths) == pytest.approx(0.5, abs=0.05)
    assert max(strengths) == pytest.approx(1.2, abs=0.05)


def test_levels_end_at_255() -> None:
    sample = Sample("bright", np.full((96, 96), 250, dtype=np.uint8), NONE)
    before, crop, points, _ = pasted(0, [hook()], sample, view(sample))
    assert len(points)
    assert crop.max() == 255
    assert (crop >= before).all()


def test_every_channel_of_a_coloured_crop_gets_the_same() -> None:
    sample = flat()
    _, grey, points, pixels = pasted(3, [hook()], sample, view(sample))
    colour = np.stack([np.full((96, 96), level, dtype=np.uint8) for level in (50, 70, 90)], axis=2)
    there, more = paste(np.random.default_rng(3), [hook()], colour, view(sample), sample)
    assert len(points)
    assert np.array_equal(there, points)
    assert np.array_equal(more, pixels)
    for channel, ground in enumerate((50, 70, 90)):
        assert np.array_equal(colour[..., channel].astype(int) - ground, grey.astype(int) - 50)


@pytest.mark.parametrize(
    ("sample", "size", "start"),
    [
        (flat(), 24, (30, 30)),  # the crop holds no patch
        (flat(20, 96), 96, (0, 0)),  # nor does the frame
        (flat(), 96, (-80, 0)),  # nor what the crop shows of it
        (flat(), 32, (200, 0)),  # which is nothing
        (flat(96, 96, *[(float(x), float(y)) for x in range(0, 96, 16) for y in range(0, 96, 16)]), 96, (0, 0)),
    ],
)
def test_nothing_is_pasted_where_there_is_no_room(sample: Sample, size: int, start: tuple[int, int]) -> None:
    for seed in range(10):
        before, crop, points, pixels = pasted(seed, [hook()], sample, view(sample, size, start=start))
        assert points.shape == (0, 2)
        assert pixels.shape == (size, size)
        assert not pixels.any()
        assert np.array_equal(crop, before)


def test_nothing_is_pasted_where_there_is_no_donor() -> None:
    before, crop, points, pixels = pasted(0, [], flat(), view(flat()))
    assert points.shape == (0, 2)
    assert not pixels.any()
    assert np.array_equal(crop, before)


def test_a_crop_of_one_patch_has_one_place() -> None:
    found = [pasted(seed, [hook()], flat(), view(flat(), 25))[2].tolist() for seed in range(5)]
    assert found == [[[12.0, 12.0]]] * 5


def test_same_seed_same_bytes_other_seed_others() -> None:
    donors = [hook(), *donors_of(square(80), (30.0, 30.0))]
    first, again, other = (pasted(seed, donors, flat(), view(flat())) for seed in (5, 5, 6))
    assert [part.tobytes() for part in first] == [part.tobytes() for part in again]
    assert first[1].tobytes() != other[1].tobytes()


def test_on_a_turned_crop_they_fall_where_it_shows_the_frame() -> None:
    sample = flat(96, 96)
    cut = view(sample, turn=45.0, pivot=(47.5, 47.5))
    shown = cut.warp(np.full((96, 96), 255, dtype=np.uint8)) == 255
    found = 0
    for seed in range(40):
        _, _, points, _ = pasted(seed, [hook()], sample, cut)
        found += len(points)
        for x, y in points.astype(int):
            # Edges of the view are blended with the zeros beyond them.
            assert shown[y - REACH + 1 : y + REACH, x - REACH + 1 : x + REACH].all()
    assert found > 20


def test_what_does_not_stand_out_of_its_background_is_not_pasted() -> None:
    """Noise of 12 levels against a target of 20: at most 24 after a draw of its strength, below three deviations."""
    random = np.random.default_rng(0)
    noisy = np.clip(random.normal(100.0, 12.0, (96, 96)), 0, 255).astype(np.uint8)
    sample = Sample("noisy", noisy, NONE)
    crop = noisy.copy()
    for _ in range(20):
        points, pixels = paste(random, donors_of(square(20), (30.0, 30.0)), crop, view(sample), sample)
        assert not len(points)
        assert not pixels.any()
    assert (crop == noisy).all()
    strong, _ = paste(random, donors_of(square(120), (30.0, 30.0)), crop, view(sample), sample)
    assert len(strong)
