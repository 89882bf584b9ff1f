"""Decoding and reading without torch against the detectors' own, bit for bit."""

import numpy as np
import pytest
from numpy.typing import NDArray

from irstd.export.decoding import Decoding, Operating
from irstd.export.reading import Reading
from irstd.export.writing import decoding_of
from irstd.models.base import Rules
from tests.export.build import frames, loaded

EACH_KIND = ("spire", "spire-plus", "acm", "tophat")
SHAPES = ((1, 1), (1, 40), (97, 135), (64, 64))


def outputs(planes: int, size: tuple[int, int]) -> list[NDArray[np.float32]]:
    """Noise, few levels with many equal neighbours, and values far out."""
    random = np.random.default_rng(0)
    noise = random.standard_normal((planes, *size)).astype(np.float32)
    return [noise, np.rint(noise).astype(np.float32), 1e4 * noise]


@pytest.mark.parametrize("name", EACH_KIND)
@pytest.mark.parametrize("shape", SHAPES)
def test_decoding_is_that_of_the_detector(name: str, shape: tuple[int, int]) -> None:
    detector = loaded(name).detector
    decode = decoding_of(detector, loaded(name).bundle)
    placement = detector.input.place(*shape)
    size = (placement.size[0] // detector.stride, placement.size[1] // detector.stride)
    for raw in outputs(detector.planes, size):
        given = raw if detector.trained else np.abs(raw) / (1 + np.abs(raw))
        for rules in (Rules(0.3, None, 5), Rules(0.1, 0.4), Rules(0.0)):
            expected = detector.detections(given if detector.planes > 1 else given[0], placement, rules)
            operating = Operating(rules.threshold, rules.value_range, rules.most)
            found = decode.detections(given, placement, operating)
            assert found.points.tolist() == expected.points.tolist()
            assert found.scores.tolist() == expected.scores.tolist()


@pytest.mark.parametrize("name", EACH_KIND)
def test_reading_is_that_of_the_detector(name: str) -> None:
    rule = loaded(name).detector.input
    reading = Reading(rule.color, rule.channels, rule.size, rule.multiple, rule.deep)  # type: ignore[arg-type]
    for frame in frames().values():
        placement = rule.place(*frame.shape[:2])
        assert reading.place(*frame.shape[:2]) == placement
        expected = rule.tensor(placement.warp(rule.levels(frame)))[None].numpy()
        np.testing.assert_array_equal(reading.images(frame), expected)


def test_forms_that_do_not_fit_are_refused() -> None:
    for kind, planes, stride in (("centres", 2, 2), ("peaks", 2, 4), ("components", 1, 2)):
        with pytest.raises(ValueError, match=r"planes|stride"):
            Decoding(kind, planes, stride, None, sigmoid=True)  # type: ignore[arg-type]
