import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from irstd.metrics import ScoredFrame
from tests.metrics.scenes import VALUES, scored, tiny_frames
from tests.metrics.twin import Twin


@settings(max_examples=80, deadline=None)
@given(tiny_frames(), st.sampled_from([0.05, 0.25, 0.35, 0.5, 0.7, 1.0]))
def test_the_plain_twin_says_the_same(frames: list[ScoredFrame], threshold: float) -> None:
    twin = Twin([(frame.truth, frame.response) for frame in frames])
    mine = scored(*frames, threshold=threshold)
    assert (mine.hse is None) == (twin.hse() is None)
    for figures, distance in ((mine.at_3px, 3), (mine.at_5px, 5)):
        tp, fp, fn, area = twin.targets(threshold, distance)
        assert (figures.tp, figures.fp, figures.fn) == (tp, fp, fn)
        assert figures.fa_per_mpx == pytest.approx(area * 1e6 / mine.pixels, abs=1e-9)
    if mine.surface.f1 is None or mine.surface.iou is None or mine.surface.niou is None:
        return
    assert mine.hse == pytest.approx(twin.hse(), abs=1e-9)
    assert mine.surface.iou == pytest.approx([twin.iou(k) for k in range(1, 256)], abs=1e-12)
    assert mine.surface.niou == pytest.approx([twin.niou(k) for k in range(1, 256)], abs=1e-12)
    for row, t in zip(mine.surface.f1, range(1, 10), strict=True):
        assert row == pytest.approx([twin.f1(t / 10, d) for d in range(1, 6)], abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_the_plain_twin_says_the_same_of_crowded_frames(seed: int) -> None:
    random = np.random.default_rng(seed)
    frames = [
        ScoredFrame(
            name=f"{i}",
            truth=random.random((9, 11)) < 0.04,
            response=np.where(random.random((9, 11)) < 0.07, random.choice(VALUES, (9, 11)), 0).astype(np.float32),
        )
        for i in range(3)
    ]
    twin = Twin([(frame.truth, frame.response) for frame in frames])
    mine = scored(*frames)
    assert mine.hse == pytest.approx(twin.hse(), abs=1e-9)
    assert mine.surface.fa_per_mpx is not None
    for row, t in zip(mine.surface.fa_per_mpx, range(1, 10), strict=True):
        areas = [twin.targets(t / 10, d)[3] for d in range(1, 6)]
        assert row == pytest.approx([area * 1e6 / mine.pixels for area in areas], abs=1e-9)
