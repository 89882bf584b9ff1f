"""hse-1 against values worked out by hand."""

import json

import numpy as np
import pytest

from irstd.metrics import ScoredFrame, count_frame
from tests.metrics.scenes import drawn, points, scored, square

BLANK = np.zeros((20, 20), dtype=np.float32)
NOTHING = np.zeros((20, 20), dtype=np.bool_)


def one_pixel(row: int, column: int) -> np.typing.NDArray[np.bool_]:
    return drawn((20, 20), {((row, column),): 1}) > 0


def test_pixel_part_of_one_frame() -> None:
    # Three of four target pixels at 0.8 = 204/255 and two others at 0.4 = 102/255.
    truth = drawn((20, 20), {square(4, 4, 2): 1}) > 0
    response = drawn((20, 20), {((4, 4), (4, 5), (5, 4)): 0.8, ((4, 6), (5, 6)): 0.4})
    result = scored(ScoredFrame("a", truth, response))
    assert result.surface.iou == pytest.approx([3 / 6] * 102 + [3 / 4] * 102 + [0.0] * 51)
    assert result.a_iou == pytest.approx((102 * 0.5 + 102 * 0.75) / 255)
    assert result.a_niou == pytest.approx(result.a_iou)
    half = result.at_half
    assert (half.iou, half.precision, half.recall) == (0.75, 1.0, 0.75)
    assert half.f1 == pytest.approx(6 / 7)


def test_pixels_are_pooled_and_own_iou_is_averaged_over_frames_with_a_target() -> None:
    found = ScoredFrame("found", one_pixel(3, 3), drawn((20, 20), {((3, 3),): 1}))
    half = ScoredFrame("half", drawn((20, 20), {square(3, 3, 2): 1}) > 0, drawn((20, 20), {((3, 3), (3, 4)): 1}))
    free = ScoredFrame("free", NOTHING, drawn((20, 20), {((9, 9), (9, 10), (9, 11)): 1}))
    result = scored(found, half, free)
    assert result.a_iou == pytest.approx((1 + 2) / (1 + 4 + 3))
    assert result.a_niou == pytest.approx((1 + 0.5) / 2)
    assert result.pixel == pytest.approx((3 / 8 + 3 / 4) / 2)
    assert result.at_half.precision == pytest.approx(3 / 6)
    assert result.at_half.niou == pytest.approx(0.75)
    assert (result.frames, result.target_frames, result.targets, result.pixels) == (3, 2, 2, 1200)


def test_target_part_at_exactly_three_pixels_and_exactly_one_half() -> None:
    result = scored(ScoredFrame("a", one_pixel(10, 10), drawn((20, 20), {((10, 13),): 0.5})))
    assert result.surface.f1 == tuple([(0.0, 0.0, 1.0, 1.0, 1.0)] * 5 + [(0.0,) * 5] * 4)
    assert result.target == pytest.approx(15 / 45)
    assert result.hse == pytest.approx(100 * (0 + 1 / 3) / 2)
    assert (result.at_3px.tp, result.at_3px.fp, result.at_3px.fn) == (1, 0, 0)


def test_components_that_merge_at_a_lower_threshold() -> None:
    truth = one_pixel(5, 2) | one_pixel(5, 8)
    bridge = {tuple((5, column) for column in range(3, 8)): 0.3, ((5, 2), (5, 8)): 0.9}
    f1 = scored(ScoredFrame("a", truth, drawn((20, 20), bridge))).surface.f1
    # Up to 0.3 one component stands in the middle, 3 px from either target; above, both are found.
    assert f1 == tuple([(0.0, 0.0, 2 / 3, 2 / 3, 2 / 3)] * 3 + [(1.0,) * 5] * 6)


def test_optimal_matching_finds_what_greedy_loses() -> None:
    truth = one_pixel(5, 0) | one_pixel(5, 6)
    result = scored(ScoredFrame("a", truth, drawn((20, 20), {((5, 4),): 1, ((5, 10),): 1})))
    assert (result.at_5px.tp, result.at_5px.fp, result.at_5px.fn) == (2, 0, 0)
    assert (result.at_3px.tp, result.at_3px.fp, result.at_3px.fn) == (1, 1, 1)


def test_headline_figures_at_the_operating_threshold() -> None:
    truth = one_pixel(5, 5) | one_pixel(15, 15)
    response = drawn((20, 20), {((5, 5),): 0.45, square(9, 9, 2): 0.5, ((2, 15), (2, 16)): 0.35})
    result = scored(ScoredFrame("a", truth, response), threshold=0.4)
    figures = result.at_5px
    assert (figures.tp, figures.fp, figures.fn) == (1, 1, 1)
    assert (figures.precision, figures.recall, figures.f1) == (0.5, 0.5, 0.5)
    assert figures.fa_per_mpx == pytest.approx(4 / 400 * 1e6)
    assert figures.fa_points_per_100mpx == pytest.approx(1 / 400 * 1e8)
    assert (result.f1, result.pd, result.fa_per_mpx) == (0.5, 0.5, figures.fa_per_mpx)
    assert result.operating_threshold == 0.4
    assert result.at_operating.iou == pytest.approx(1 / 6)
    assert result.at_half.iou == 0.0


def test_false_alarms_on_target_free_frames_stand_apart() -> None:
    held = ScoredFrame("held", one_pixel(5, 5), drawn((20, 20), {square(12, 12): 1}))
    noisy = ScoredFrame("noisy", NOTHING, drawn((20, 20), {((1, 1),): 1, ((9, 9), (9, 10)): 1}))
    quiet = ScoredFrame("quiet", NOTHING, BLANK)
    result = scored(held, noisy, quiet)
    free = result.target_free
    assert (free.frames, free.alarmed_frames, free.false_alarms) == (2, 1, 2)
    assert free.fa_per_mpx == pytest.approx(3 / 800 * 1e6)
    assert result.fa_per_mpx == pytest.approx((9 + 3) / 1200 * 1e6)
    assert scored(held).target_free.fa_per_mpx is None


def test_by_size_and_local_contrast() -> None:
    truth = (drawn((40, 40), {square(2, 2): 1, square(20, 2): 1, square(20, 20, 10): 1}) > 0) | False
    response = drawn((40, 40), {square(2, 2): 1, square(20, 20, 10): 1})
    frame = (np.indices((40, 40)).sum(axis=0) % 2 * 10).astype(np.uint8)
    frame[truth] = 30  # five deviations above the mean of 5
    result = scored(ScoredFrame("a", truth, response, frame=frame))
    assert {k: (v.targets, v.detected, v.pd) for k, v in result.by_size.items()} == {
        "up_to_9_px": (2, 1, 0.5),
        "up_to_81_px": (0, 0, None),
        "over_81_px": (1, 1, 1.0),
    }
    assert {k: (v.targets, v.detected) for k, v in result.by_contrast.items()} == {
        "up_to_4_sigma": (0, 0),
        "up_to_8_sigma": (3, 2),
        "over_8_sigma": (0, 0),
    }
    without = scored(ScoredFrame("a", truth, response))
    assert sum(each.targets for each in without.by_contrast.values()) == 0


def test_area_under_pd_over_fa() -> None:
    # 100×200 px: one false pixel is 50 px a megapixel. Pd is 1/2 with no false alarm, 1 from one false pixel on.
    truth = drawn((100, 200), {((10, 10),): 1, ((60, 60),): 1}) > 0
    response = drawn((100, 200), {((10, 10),): 0.9, ((60, 60),): 0.4, ((90, 90),): 0.6})
    assert scored(ScoredFrame("a", truth, response)).pd_fa_auc == pytest.approx(0.5 * 0.5 + 0.5 * 1.0)


def test_without_any_true_target_only_fa_is_defined() -> None:
    result = scored(ScoredFrame("a", NOTHING, drawn((20, 20), {((9, 9), (9, 10)): 0.7})))
    assert (result.hse, result.pixel, result.target, result.a_iou, result.a_niou) == (None,) * 5
    assert (result.f1, result.pd, result.at_5px.precision, result.pd_fa_auc) == (None,) * 4
    assert (result.at_half.iou, result.at_half.precision, result.surface.f1, result.surface.iou) == (None,) * 4
    assert result.fa_per_mpx == pytest.approx(2 / 400 * 1e6)
    assert result.surface.fa_per_mpx is not None
    assert result.surface.fa_per_mpx[6][4] == pytest.approx(2 / 400 * 1e6)
    assert result.surface.fa_per_mpx[7][4] == 0.0
    assert json.loads(json.dumps(result.to_dict()))["hse"] is None


def test_no_frame_at_all_defines_nothing() -> None:
    result = scored()
    assert (result.hse, result.fa_per_mpx, result.surface.fa_per_mpx, result.frames) == (None, None, None, 0)


def test_a_target_beside_empty_truth_and_empty_response() -> None:
    # The known trap of other implementations: an empty frame, rightly left empty, must not pull a perfect score down.
    perfect = ScoredFrame("a", one_pixel(5, 5), drawn((20, 20), {((5, 5),): 1}))
    assert scored(perfect, ScoredFrame("empty", NOTHING, BLANK)).hse == 100.0


def test_plain_and_whole_in_json() -> None:
    result = scored(ScoredFrame("a", one_pixel(5, 5), drawn((20, 20), {((5, 6),): 0.6})))
    plain = result.to_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert plain["definition"] == "hse-1"
    assert plain["at_5px"]["f1"] == 1.0
    surface = plain["surface"]
    assert (len(surface["iou"]), len(surface["niou"])) == (255, 255)
    assert [len(row) for row in surface["f1"]] == [5] * 9
    assert np.mean(surface["f1"]) == result.target


def test_point_models_are_scored_by_their_detections() -> None:
    truth = one_pixel(5, 5) | one_pixel(15, 15)
    response = drawn((20, 20), {square(4, 4): 0.8, square(9, 9, 2): 0.3})
    found = points((5.5, 5.0, 0.8), (9.2, 9.4, 0.3), (2.0, 17.0, 0.2))
    result = scored(ScoredFrame("a", truth, response, detections=found))
    assert result.surface.f1 is not None
    f1 = [row[0] for row in result.surface.f1]
    assert f1 == pytest.approx([2 / 5] * 2 + [2 / 4] + [2 / 3] * 5 + [0])
    assert result.surface.fa_per_mpx is not None
    area = [row[0] * 400 / 1e6 for row in result.surface.fa_per_mpx]
    assert area == pytest.approx([5, 5, 4, 0, 0, 0, 0, 0, 0])
    assert (result.at_5px.tp, result.at_5px.fp, result.at_5px.fn) == (1, 0, 1)
    assert result.surface.iou is not None
    assert result.surface.iou[203] == pytest.approx(1 / 10)  # 0.8 = 204/255


def test_operating_rules_of_a_point_model_decide_its_headline_only() -> None:
    truth, found = one_pixel(5, 5), points((5, 5, 0.9), (12, 12, 0.5))
    response = drawn((20, 20), {((5, 5),): 0.9, ((12, 12),): 0.5})
    kept = scored(ScoredFrame("a", truth, response, detections=found, operating=points((5, 5, 0.9))))
    plain = scored(ScoredFrame("a", truth, response, detections=found))
    assert (kept.at_5px.fp, plain.at_5px.fp) == (0, 1)
    assert kept.surface == plain.surface
    assert kept.hse == plain.hse


def test_rows_show_the_worst_frames() -> None:
    response = drawn((20, 20), {((5, 5),): 0.9, square(9, 9, 2): 0.6, ((17, 3),): 0.7})
    row = count_frame(ScoredFrame("a", one_pixel(5, 5), response)).row()
    assert (row.name, row.pixels, row.targets, row.tp, row.fp, row.fn) == ("a", 400, 1, 1, 2, 0)
    assert row.unmatched_px == 5
    assert row.iou == pytest.approx(1 / 6)
    assert row.a_iou == pytest.approx((153 / 6 + 25 / 2 + 51 * 1) / 255)
    assert row.highest_false_score == pytest.approx(0.7)
    free = count_frame(ScoredFrame("free", NOTHING, BLANK)).row()
    assert (free.iou, free.a_iou, free.highest_false_score) == (None, None, None)
