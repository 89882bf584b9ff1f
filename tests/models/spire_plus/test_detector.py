import numpy as np
import pytest
import torch

from irstd.frames import place_native
from irstd.labels.detections import Detections
from irstd.models.base import Detector, Rules
from irstd.models.cost import count_gmac, count_parameters
from irstd.models.registry import build


@pytest.fixture(scope="module")
def detector() -> Detector:
    torch.manual_seed(0)
    return build("spire-plus", {}).eval()


def test_it_costs_less_than_spire(detector: Detector) -> None:
    assert count_parameters(detector) == 279_799
    assert count_gmac(detector, 512) < 3.72


def test_centres_and_pixels_lie_where_the_frame_has_them(detector: Detector) -> None:
    """One target of 3 × 2 px with its centre at (21, 10.5) of a frame whose sides are no multiples of 16."""
    raw = np.full((7, 16, 24), -20.0, dtype=np.float32)
    pixels = np.full((32, 48), -20.0, dtype=np.float32)
    pixels[10:12, 20:23] = 20.0
    raw[:4] = pixels.reshape(16, 2, 24, 2).transpose(1, 3, 0, 2).reshape(4, 16, 24)
    raw[4, 5, 10] = 20.0
    raw[5:, 5, 10] = (0.25, 0.0)
    placement = place_native(29, 41, 16)
    found = detector.detections(raw, placement, Rules(threshold=0.5))
    assert found.points.tolist() == [[21.0, 10.5]]
    response = detector.response(raw, placement, np.zeros((29, 41), dtype=np.uint8), Detections.none())
    assert response.shape == (29, 41)
    assert (response > 0.5).sum() == 6
    assert (response[10:12, 20:23] > 0.99).all()


def test_peaks_in_the_padding_are_dropped(detector: Detector) -> None:
    raw = np.full((7, 16, 24), -20.0, dtype=np.float32)
    raw[4, 15, 23] = 20.0
    assert not len(detector.detections(raw, place_native(29, 41, 16), Rules(threshold=0.5)))
