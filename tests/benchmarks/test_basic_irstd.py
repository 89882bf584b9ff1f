import json

import numpy as np
import pytest

from benchmarks.published.basic_irstd import PointCounts, basic_irstd, pooled_basic, pooled_points, spire_counts
from irstd.frames import read_mask
from irstd.labels.detections import Detections
from irstd.labels.points import points_from_mask
from irstd.metrics import HSE, ScoredFrame
from tests.metrics.scenes import drawn, points, square
from tests.shared import SHARED, needs_shared


def test_basic_irstd_by_hand() -> None:
    truth = drawn((20, 20), {square(2, 2): 1, square(12, 12): 1}) > 0
    # The first is found 1 px off, the second 3 px off, which is not nearer than 3; and 0.5 is not more than 0.5.
    response = drawn((20, 20), {square(2, 3): 0.9, square(12, 15): 0.9, ((18, 2),): 0.5, ((18, 5), (18, 6)): 0.51})
    counts = basic_irstd(ScoredFrame("a", truth, response))
    assert (counts.targets, counts.matched) == (2, 1)
    assert counts.pd == 0.5
    assert counts.unmatched_px == 9 + 2
    assert counts.fa_per_mpx == pytest.approx(11 / 400 * 1e6)
    assert counts.iou == pytest.approx(6 / (18 + 20 - 6))
    # The released code forgets the unmatched 9 px, because a matched component has 9 px, too.
    assert counts.released_fa_per_mpx == pytest.approx(2 / 400 * 1e6)


def test_basic_irstd_takes_the_first_in_raster_order() -> None:
    truth = drawn((20, 20), {((10, 10),): 1, ((10, 14),): 1}) > 0
    # The left target comes first and takes the upper component, although the lower one would do and helps it alone.
    response = drawn((20, 20), {((9, 12),): 1, ((11, 8), (12, 8)): 1})
    counts = basic_irstd(ScoredFrame("a", truth, response))
    assert (counts.matched, counts.unmatched_px) == (1, 2)
    # With the two components in the other order both are taken.
    counts = basic_irstd(ScoredFrame("a", np.flipud(truth), np.flipud(response)))
    assert (counts.matched, counts.unmatched_px) == (2, 0)


def test_basic_irstd_pools_and_leaves_undefined_what_is() -> None:
    nothing = np.zeros((10, 10), dtype=np.bool_)
    quiet = basic_irstd(ScoredFrame("quiet", nothing, np.zeros((10, 10), dtype=np.float32)))
    assert (quiet.iou, quiet.pd, quiet.fa_per_mpx) == (None, None, 0.0)
    hit = ScoredFrame("hit", drawn((10, 10), {((4, 4),): 1}) > 0, drawn((10, 10), {((4, 4),): 1}))
    both = pooled_basic([quiet, basic_irstd(hit)])
    assert (both.iou, both.pd, both.fa_per_mpx, both.pixels) == (1.0, 1.0, 0.0, 200)
    assert pooled_basic([]).fa_per_mpx is None


def test_basic_irstd_looks_at_no_detection() -> None:
    frame = drawn((10, 10), {((4, 4),): 0.4})
    weak = ScoredFrame("a", frame > 0, frame, detections=points((4, 4, 0.4)), operating=points((4, 4, 0.4)))
    assert basic_irstd(weak).matched == 0


def test_spire_by_hand() -> None:
    truth = np.array([[0.0, 0.0], [6.0, 0.0]])
    # The first target takes (4, 0), its nearest; the second then finds (10, 0) 4 px away.
    assert spire_counts(truth, np.array([[4.0, 0.0], [10.0, 0.0]])) == PointCounts(tp=2, fp=0, fn=0)
    # The second target is first in line and takes (4, 0); the other one is left with (10, 0), 10 px away.
    assert spire_counts(truth[::-1], np.array([[4.0, 0.0], [10.0, 0.0]])) == PointCounts(tp=1, fp=1, fn=1)
    # Exactly 5 px counts.
    assert spire_counts(truth[:1], np.array([[3.0, 4.0]])) == PointCounts(tp=1, fp=0, fn=0)


def test_spire_of_nothing() -> None:
    none, one = np.zeros((0, 2)), np.array([[1.0, 1.0]])
    assert spire_counts(none, one) == PointCounts(tp=0, fp=1, fn=0)
    assert spire_counts(one, none) == PointCounts(tp=0, fp=0, fn=1)
    assert pooled_points([]) == PointCounts()


@needs_shared
def test_spire_on_the_authors_detections() -> None:
    images = json.loads((SHARED / "spire-official" / "detections_test_v1.json").read_text())["images"]
    masks = SHARED / "open-sirst-v1" / "annotations" / "masks"
    given, ours, holder = [], [], HSE(0.35)
    for name, each in images.items():
        found = np.array(each["points"], dtype=np.float64).reshape(-1, 2)
        given.append(spire_counts(np.array(each["truth"], dtype=np.float64).reshape(-1, 2), found))
        truth = read_mask(masks / f"{name}_pixels0.png")
        ours.append(spire_counts(points_from_mask(truth), found))
        detections = Detections(points=found, scores=np.clip(np.array(each["scores"], dtype=np.float64), 0, 1))
        holder.add(ScoredFrame(name, truth, np.zeros(truth.shape, dtype=np.float32), detections=detections))
    assert len(given) == 86
    assert pooled_points(given) == pooled_points(ours) == PointCounts(tp=105, fp=1, fn=4)
    best = holder.compute().at_5px
    assert (best.tp, best.fp, best.fn) == (105, 1, 4)
    assert best.f1 == pytest.approx(0.9767, abs=5e-5)
