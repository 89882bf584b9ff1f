import numpy as np

from irstd.labels.detections import Detections
from irstd.metrics.judging import judge


def found(*points: tuple[float, float]) -> Detections:
    return Detections(np.array(points, dtype=np.float64).reshape(-1, 2), np.linspace(0.9, 0.5, len(points)))


def test_a_target_is_hit_once_by_the_nearest_within_5_px() -> None:
    judged = judge(found((10, 10), (12, 10), (50, 53), (80, 86)), np.array([(11.5, 10), (50, 50), (80, 80)]))
    assert judged.hit.tolist() == [False, True, True, False]
    assert judged.missed.tolist() == [[80, 80]]


def test_the_most_pairs_come_first() -> None:
    judged = judge(found((0, 0), (4, 0)), np.array([(3, 0), (8, 0)]))
    assert judged.hit.tolist() == [True, True]
    assert not len(judged.missed)


def test_without_targets_or_detections() -> None:
    assert judge(found((1, 1)), np.zeros((0, 2))).hit.tolist() == [False]
    assert judge(found(), np.array([(3.0, 4.0)])).missed.tolist() == [[3, 4]]
    assert len(judge(found(), np.zeros((0, 2))).hit) == 0
