"""The operating threshold and the curve, from all scores of validation."""

import numpy as np
import pytest

from irstd.evaluation.operating import choose_operating, operating_curve
from irstd.metrics import HSE, ScoredFrame
from irstd.models.base import Rules
from irstd.models.operating_curve import MOST_POINTS
from tests.metrics.scenes import drawn, points, square

FRAME, TARGETS = (40, 40), (square(5, 5), square(25, 5), square(25, 25))
HITS = ((6.0, 6.0), (6.0, 26.0), (26.0, 26.0))
ALARMS = ((35.0, 4.0), (30.0, 15.0), (15.0, 15.0))


def validation(hits: tuple[float, ...], alarms: tuple[float, ...]) -> HSE:
    """A frame of three targets, found with these scores, with false alarms of these."""
    named = [(*place, score) for place, score in zip(HITS, hits, strict=False)]
    named += [(*place, score) for place, score in zip(ALARMS, alarms, strict=False)]
    found = points(*sorted(named, key=lambda each: -each[2]))
    truth = drawn(FRAME, dict.fromkeys(TARGETS, 1.0)) > 0
    response = np.zeros(FRAME, dtype=np.float32)
    holder = HSE()
    holder.add(ScoredFrame("a", truth, response, detections=found.reaching(0.1), peaks=found, peaks_response=response))
    return holder


@pytest.mark.parametrize(
    ("hits", "alarms", "wanted"),
    [
        ((0.93, 0.91, 0.89), (0.87, 0.3), 0.88),  # between the last hit and the first false alarm
        ((0.93, 0.91, 0.04), (0.01,), 0.025),  # below any of a grid of tenths
        ((0.9, 0.8), (0.7, 0.6), 0.75),
        ((0.9,), (), 0.45),
        ((0.8, 0.4), (0.7, 0.6, 0.5), 0.75),  # 1 of 1 is worth as much as 2 of 5, at 0.2, which is farther from 0.5
        ((), (0.6,), 0.5),
        ((), (), 0.5),
    ],
)
def test_the_threshold_of_the_best_f1(hits: tuple[float, ...], alarms: tuple[float, ...], wanted: float) -> None:
    holder = validation(hits, alarms)
    chosen = choose_operating(holder.counts)
    assert chosen.threshold == pytest.approx(wanted, abs=0.006)
    assert chosen == Rules(threshold=chosen.threshold)


def test_of_a_flat_maximum_the_middle() -> None:
    """99 targets above 0.9, then one at 0.8, false alarms at 0.7 and 0.6 (F1 within 0.01 of 1), five more at 0.3."""
    holder, blank = HSE(), np.zeros((300, 300), dtype=np.float32)
    places = [(10 + 25 * (at // 10), 10 + 25 * (at % 10)) for at in range(100)]
    truth = np.zeros(blank.shape, dtype=np.bool_)
    truth[tuple(zip(*places, strict=True))] = True
    hits = [(float(x), float(y), 0.9 + at / 1000) for at, (y, x) in enumerate(places[:99])]
    hits.append((float(places[99][1]), float(places[99][0]), 0.8))
    alarms = [(290.0, 290.0, 0.7), (290.0, 270.0, 0.6)] + [(290.0, 20.0 + 20 * at, 0.3) for at in range(5)]
    found = points(*sorted(hits + alarms, key=lambda each: -each[2]))
    holder.add(ScoredFrame("a", truth, blank, detections=found.reaching(0.1), peaks=found, peaks_response=blank))
    chosen = choose_operating(holder.counts).threshold
    assert chosen == pytest.approx((0.3 + 0.9) / 2, abs=0.01)  # from all but the last five to all but the one at 0.8


def test_below_the_last_rank_of_a_mask_model_the_tenths_count() -> None:
    """32 targets fill the ranks of a frame; what stands at 0.25 beside them is found from 0.2 down."""
    holder, truth = HSE(), np.zeros((80, 80), dtype=np.bool_)
    response = np.zeros(truth.shape, dtype=np.float32)
    for at in range(32):
        row, column = 4 + 12 * (at // 6), 4 + 12 * (at % 6)
        truth[row, column], response[row, column] = True, 0.6 + at / 1000
    for at in range(4):
        response[76, 4 + 12 * at] = 0.25
    holder.update(response, truth)
    assert choose_operating(holder.counts).threshold == pytest.approx(0.4, abs=0.01)


def test_ranges_of_equal_worth_that_touch_are_one() -> None:
    # One of one found, then two of five: F1 is the same, so the threshold may stand anywhere up to 0.8.
    holder = validation((0.8, 0.6), (0.6, 0.6, 0.6))
    assert choose_operating(holder.counts).threshold == pytest.approx(0.4)


def test_without_a_target_or_ranks_the_threshold_is_one_half() -> None:
    holder = HSE()
    holder.update(drawn(FRAME, {TARGETS[0]: 0.9}), np.zeros(FRAME))
    assert choose_operating(holder.counts) == Rules()
    assert HSE().counts.frames == 0
    assert choose_operating(HSE().counts) == Rules()


def test_the_curve_holds_what_every_score_gives() -> None:
    curve = operating_curve(validation((0.9, 0.7, 0.3), (0.8, 0.01)).counts)
    assert (curve.frames, curve.pixels, curve.targets) == (1, 1600, 3)
    assert curve.thresholds == (0.9, 0.8, 0.7, 0.3, 0.01)
    assert (curve.hits, curve.found) == ((1, 1, 2, 3, 3), (1, 2, 3, 4, 5))


def test_a_long_curve_is_thinned_from_the_bottom() -> None:
    holder, random = HSE(), np.random.default_rng(0)
    for frame in range(60):
        table = [(*random.uniform(0, 39, 2), score) for score in np.sort(random.uniform(0.01, 1, 60))[::-1]]
        found, blank = points(*table), np.zeros(FRAME, dtype=np.float32)
        truth = drawn(FRAME, {TARGETS[0]: 1.0}) > 0
        holder.add(
            ScoredFrame(f"{frame}", truth, blank, detections=found.reaching(0.1), peaks=found, peaks_response=blank)
        )
    curve = operating_curve(holder.counts)
    assert 100 < len(curve.thresholds) <= MOST_POINTS
    assert curve.found[0] == 1
    assert curve.found[-1] == 3600
    assert max(later / earlier for earlier, later in zip(curve.found[40:], curve.found[41:], strict=False)) < 1.06
