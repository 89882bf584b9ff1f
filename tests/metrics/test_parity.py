"""The same figures as pyirstdmetrics 1.0.2, and each place where its definitions are others (docs/hse.md)."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from benchmarks.published.basic_irstd import basic_irstd, pooled_basic
from benchmarks.published.surface import basic_surface, pooled_surface
from irstd.frames import read_mask
from irstd.metrics import HSE, ScoredFrame
from tests.metrics.scenes import blurred, drawn, scored, sprinkled, square
from tests.shared import SHARED, needs_shared

theirs: Any = pytest.importorskip("py_irstd_metrics", reason="pyirstdmetrics is not installed: make parity")

CONFIDENCES, DISTANCES = tuple(k / 10 for k in range(10)), (1, 2, 3, 5, 10)
NOTHING = np.zeros((20, 20), dtype=np.bool_)


def frames(noise: float, many: int = 12) -> list[ScoredFrame]:
    truths = {f"{seed}": sprinkled(seed) for seed in range(many)}
    return [ScoredFrame(name, truth, blurred(truth, int(name), noise)) for name, truth in truths.items()]


def one_pixel(row: int, column: int) -> NDArray[np.bool_]:
    return drawn((20, 20), {((row, column),): 1}) > 0


def pixel_figures(given: Iterable[ScoredFrame], threshold: float = 0.5) -> tuple[float, float, NDArray[np.float64]]:
    """Their IoU, their nIoU, and their nIoU at 1/255 to 254/255."""
    handlers = {
        "iou": theirs.IoUHandler(with_binary=True, sample_based=False),
        "niou": theirs.IoUHandler(with_dynamic=True, with_binary=True, sample_based=True),
    }
    holder = theirs.CMMetrics(num_bins=256, threshold=threshold, metric_handlers=handlers)
    for frame in given:
        holder.update(frame.response, frame.truth)
    found = holder.get()
    # Theirs fall from 254/255 to 0; what is 1 shares the first.
    return float(found["iou"]["binary"]), float(found["niou"]["binary"]), found["niou"]["dynamic"][-2::-1]


def target_figures(given: Iterable[ScoredFrame], distance: int, bins: int = 10) -> dict[str, NDArray[np.float64]]:
    """Their Pd and Fa by distance alone, at `bins` confidences from 0 (at 0.5 for one)."""
    method = theirs.DistanceOnlyMatching(distance)
    holders = [
        theirs.MatchingBasedMetrics(num_bins=bins, matching_method=method),
        theirs.ProbabilityDetectionAndFalseAlarmRate(num_bins=bins, distance_threshold=distance),
    ]
    for frame in given:
        for holder in holders:
            holder.update(frame.response, frame.truth)
    by_matching, plain = (holder.get() for holder in holders)
    for name, values in plain.items():
        np.testing.assert_array_equal(values, by_matching[name])
    return dict(plain)


@pytest.mark.parametrize("noise", [0.0, 0.05, 0.3])
def test_iou_and_niou(noise: float) -> None:
    given = frames(noise)
    mine, (iou, niou, curve) = scored(*given), pixel_figures(given)
    assert pooled_basic(map(basic_irstd, given)).iou == pytest.approx(iou, abs=1e-9)
    assert mine.at_half.iou == pytest.approx(iou, abs=1e-9)
    # Theirs is the mean over all frames, and 0 in those without a target; ours the mean over frames with one.
    assert 0 < mine.target_frames < mine.frames
    share = mine.target_frames / mine.frames
    assert mine.at_half.niou is not None
    assert mine.at_half.niou * share == pytest.approx(niou, abs=1e-9)
    assert mine.surface.niou is not None
    assert (np.array(mine.surface.niou[:254]) * share).tolist() == pytest.approx(curve.tolist(), abs=1e-9)


@pytest.mark.parametrize("level", [1, 20, 100, 201, 254])
def test_iou_at_other_confidences(level: int) -> None:
    given = frames(0.05)
    surface = scored(*given).surface
    assert surface.iou is not None
    assert surface.iou[level - 1] == pytest.approx(pixel_figures(given, level / 255)[0], abs=1e-9)


@pytest.mark.parametrize(("noise", "many"), [(0.0, 8), (0.05, 5), (0.2, 1)])  # theirs takes seconds in noise
def test_pd_and_fa(noise: float, many: int) -> None:
    given = frames(noise, many)
    mine = pooled_surface(basic_surface(frame, CONFIDENCES, DISTANCES) for frame in given)
    assert mine.pd is not None
    for column, distance in enumerate(DISTANCES):
        its = target_figures(given, distance)
        assert mine.pd[:, column].tolist() == pytest.approx(its["probability_detection"].tolist(), abs=1e-9)
        assert (mine.fa_per_mpx[:, column] / 1e6).tolist() == pytest.approx(its["false_alarm"].tolist(), abs=1e-9)


def test_pd_and_fa_at_their_usual_threshold_and_distance() -> None:
    given = frames(0.2)
    mine, its = pooled_basic(map(basic_irstd, given)), target_figures(given, 3, bins=1)
    assert mine.pd == pytest.approx(float(its["probability_detection"][0]), abs=1e-9)
    assert mine.fa_per_mpx == pytest.approx(float(its["false_alarm"][0]) * 1e6, abs=1e-9)


def test_the_surface_of_hse_where_no_target_has_a_choice() -> None:
    truth = drawn((60, 60), {square(8, 8): 1, square(40, 10, 4): 1, square(20, 40, 2): 1}) > 0
    response = np.roll(blurred(truth, 4), (1, 2), axis=(0, 1))
    surface = scored(ScoredFrame("a", truth, response)).surface
    assert surface.pd is not None
    assert surface.fa_per_mpx is not None
    assert len({value for row in surface.pd for value in row}) > 1
    for column, distance in enumerate((1, 2, 3, 4, 5)):
        its = target_figures([ScoredFrame("a", truth, response)], distance)
        pd, fa = ([row[column] for row in rows] for rows in (surface.pd, surface.fa_per_mpx))
        assert pd == pytest.approx(its["probability_detection"][1:].tolist(), abs=1e-9)
        assert fa == pytest.approx((its["false_alarm"][1:] * 1e6).tolist(), abs=1e-9)


@needs_shared
@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_on_real_masks(noise: float) -> None:
    folder = SHARED / "open-sirst-v1"
    names = (folder / "splits" / "test_v1.txt").read_text().split()[:6]
    masks = {name: read_mask(folder / "annotations" / "masks" / f"{name}_pixels0.png") for name in names}
    given = [ScoredFrame(name, mask, blurred(mask, i, noise)) for i, (name, mask) in enumerate(masks.items())]
    mine, (iou, niou, _) = scored(*given), pixel_figures(given)
    assert (mine.at_half.iou, mine.at_half.niou) == pytest.approx((iou, niou), abs=1e-9)
    counts, its = pooled_basic(map(basic_irstd, given)), target_figures(given, 3, bins=1)
    assert counts.pd == pytest.approx(float(its["probability_detection"][0]), abs=1e-9)
    assert counts.fa_per_mpx == pytest.approx(float(its["false_alarm"][0]) * 1e6, abs=1e-9)


def test_differs_where_truth_and_response_are_empty() -> None:
    # Known trap: an empty frame, rightly left empty, scores 0 there and is left out of nIoU here.
    full = ScoredFrame("full", one_pixel(5, 5), one_pixel(5, 5).astype(np.float32))
    empty = ScoredFrame("empty", NOTHING, NOTHING.astype(np.float32))
    iou, niou, _ = pixel_figures([full, empty])
    assert (iou, niou) == (1.0, 0.5)
    mine = scored(full, empty)
    assert (mine.at_half.iou, mine.at_half.niou, mine.hse) == (1.0, 1.0, 100.0)
    blank = scored(ScoredFrame("full", full.truth, empty.response), empty)
    assert (blank.at_half.niou, blank.hse) == (0.0, 0.0)


def test_differs_without_any_target() -> None:
    # Theirs call Pd 0 where there is nothing to detect; here it is undefined.
    alarm = ScoredFrame("a", NOTHING, drawn((20, 20), {((3, 3),): 0.9}))
    assert target_figures([alarm], 3, bins=1)["probability_detection"][0] == 0
    assert pixel_figures([alarm])[0] == 0
    holder = HSE()
    holder.add(alarm)
    assert (holder.compute().pd, holder.compute().hse, basic_irstd(alarm).pd) == (None, None, None)


def test_differs_at_exactly_the_confidence() -> None:
    # Theirs is more than, hse-1 is at least; the legacy options follow theirs.
    at = ScoredFrame("a", one_pixel(5, 5), drawn((20, 20), {((5, 5),): 0.5}))
    assert pixel_figures([at])[0] == 0
    assert target_figures([at], 3, bins=1)["probability_detection"][0] == 0
    assert (basic_irstd(at).iou, basic_irstd(at).pd) == (0, 0)
    assert (scored(at).at_half.iou, scored(at).pd) == (1, 1)


def test_differs_at_exactly_the_distance() -> None:
    # Theirs is nearer than, hse-1 at most as far as; the legacy options follow theirs.
    off = ScoredFrame("a", one_pixel(5, 5), drawn((20, 20), {((5, 8),): 1}))
    assert target_figures([off], 3, bins=1)["probability_detection"][0] == 0
    assert basic_irstd(off).pd == 0
    assert scored(off).at_3px.recall == 1


def test_differs_in_the_precision_of_a_confidence() -> None:
    # Theirs compares float32 responses with thresholds of float64: 0.3 in float32 is more than 0.3 in float64.
    tenth = ScoredFrame("a", one_pixel(5, 5), drawn((20, 20), {((5, 5),): 0.3}))
    assert target_figures([tenth], 3)["probability_detection"][:5].tolist() == [1, 1, 1, 1, 0]
    assert basic_surface(tenth, CONFIDENCES, (3,)).matched[:5, 0].tolist() == [1, 1, 1, 0, 0]
    # That does not touch the levels k/255: in float32 none of them lies below.
    levels = np.arange(1, 255)
    stored = ScoredFrame("a", np.ones((1, 254), dtype=np.bool_), (levels / 255).astype(np.float32)[None])
    shares = ((255 - levels) / 254).tolist()
    assert pixel_figures([stored])[2].tolist() == pytest.approx(shares, abs=1e-9)
    assert scored(stored).surface.niou == pytest.approx([*shares, 0], abs=1e-9)


def test_differs_where_greedy_loses_a_pair() -> None:
    # The left target comes first and takes the component between the two; only the best matching finds both.
    truth = one_pixel(10, 4) | one_pixel(10, 10)
    found = ScoredFrame("a", truth, drawn((20, 20), {((9, 8),): 1, ((11, 1),): 1}))
    assert target_figures([found], 5, bins=1)["probability_detection"][0] == 0.5
    assert basic_irstd(found, distance_px=5).pd == 0.5
    assert scored(found).pd == 1


def test_differs_at_a_confidence_of_one() -> None:
    # Their 255 confidences are 0 to 254/255, ours 1/255 to 1: at 0 all is found, at 1 only what is certain.
    certain = ScoredFrame("a", one_pixel(5, 5), drawn((20, 20), {((5, 5),): 1, ((9, 9),): 0.999}))
    surface = scored(certain).surface
    assert surface.niou is not None
    assert surface.niou[-2:] == (0.5, 1.0)
    assert len(pixel_figures([certain])[2]) == 254
    assert pixel_figures([certain])[2][-1] == 0.5
