"""A score equal to the threshold counts, wherever scores meet thresholds; the next float32 below does not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from irstd.evaluation.external import open_truth, score_detections
from irstd.labels.components import detections_from_response
from irstd.labels.decode import decode_points
from irstd.labels.detections import Detections
from irstd.metrics import HSE, ScoredFrame, count_frame
from irstd.metrics.thresholds import TARGET_CONFIDENCES
from tests.evaluation.external.build import write_table, write_truth

POINT = np.array([[10.0, 10.0]])
Counted = Callable[[NDArray[np.float32], float], int]


def of_pixels(response: NDArray[np.float32], threshold: float) -> int:
    return int(count_frame(ScoredFrame("a", response > 0, response), threshold).counts.pixel_tp[-1])


def of_targets(response: NDArray[np.float32], threshold: float) -> int:
    return count_frame(ScoredFrame("a", response > 0, response), threshold).row().tp


def of_points(response: NDArray[np.float32], threshold: float) -> int:
    found = Detections(POINT, np.array([response.max()], dtype=np.float64))
    return count_frame(ScoredFrame("a", response > 0, response, detections=found), threshold).row().tp


def of_confidences(response: NDArray[np.float32], threshold: float) -> int:
    holder = HSE()
    holder.add(ScoredFrame("a", response > 0, response))
    surface = holder.compute().surface
    assert surface.pd is not None
    return int(surface.pd[TARGET_CONFIDENCES.index(threshold)][0])


WAYS: dict[str, Counted] = {
    "decode": lambda response, threshold: len(decode_points(response, threshold, None, 9)),
    "components": lambda response, threshold: len(detections_from_response(response, threshold, None, 9)),
    "detections": lambda response, threshold: len(
        Detections(POINT, np.array([response.max()], dtype=np.float64)).reaching(threshold)
    ),
    "pixels": of_pixels,
    "targets": of_targets,
    "points": of_points,
    "confidences": of_confidences,
}


@pytest.mark.parametrize("threshold", TARGET_CONFIDENCES)
@pytest.mark.parametrize("way", WAYS)
def test_equal_counts_and_less_does_not(way: str, threshold: float) -> None:
    response = np.zeros((21, 21), dtype=np.float32)
    response[10, 10] = threshold
    assert WAYS[way](response, threshold) == 1
    assert WAYS[way](np.nextafter(response, np.float32(-1)).clip(0), threshold) == 0


@pytest.mark.parametrize("threshold", TARGET_CONFIDENCES)
def test_points_of_others_count_by_the_same_rule(tmp_path: Path, threshold: float) -> None:
    truth = open_truth(write_truth(tmp_path / "truth"))
    for score, hits in ((threshold, 1), (float(np.float32(threshold)), 1), (threshold - 1e-6, 0)):
        table = write_table(tmp_path / "d.csv", f"a,6,6,{score!r}")
        assert score_detections(table, replace(truth), threshold).holder.compute().at_5px.tp == hits
