"""SPIRE's settings and decoding."""

import json

import numpy as np
import pytest

from irstd.frames import place_square, read_image
from irstd.models.base import Rules
from irstd.models.predict import detect
from irstd.models.spire import Spire, SpireSettings
from irstd.models.spire.detector import OFFICIAL_RULES
from irstd.models.spire.official import load_official
from irstd.settings.faults import SectionError
from tests.shared import SHARED, needs_shared


@pytest.mark.parametrize("size", [0, 28, 130])
def test_a_size_the_network_cannot_take_is_refused(size: int) -> None:
    with pytest.raises(SectionError) as caught:
        SpireSettings(size=size)
    assert list(caught.value.faults) == ["size"]


def test_cells_stand_at_four_times_their_number_on_the_input() -> None:
    detector = Spire(SpireSettings(size=128))
    raw = np.zeros((32, 32), dtype=np.float32)
    raw[16, 10] = 0.8
    found = detector.detections(raw, place_square(128, 128, 128), Rules())
    assert found.points.tolist() == [[40.0, 64.0]]
    assert found.scores.tolist() == pytest.approx([0.8])


def test_detections_come_back_in_frame_px() -> None:
    detector = Spire(SpireSettings(size=128))
    placement = place_square(50, 100, 128)  # scale 1.28 to a hair, 32 rows of zeros above and below
    raw = np.zeros((32, 32), dtype=np.float32)
    raw[16, 10] = 0.8
    (point,) = detector.detections(raw, placement, Rules()).points
    assert point.tolist() == pytest.approx([40 * 99 / 127, (64 - 32) * 49 / 63])


def test_peaks_in_the_zeros_round_the_frame_are_dropped() -> None:
    detector = Spire(SpireSettings(size=128))
    placement = place_square(50, 100, 128)
    raw = np.zeros((32, 32), dtype=np.float32)
    raw[4, 10], raw[16, 10], raw[28, 20], raw[7, 25], raw[8, 0] = 0.9, 0.8, 0.9, 0.9, 0.7
    found = detector.detections(raw, placement, Rules())
    assert found.scores.tolist() == pytest.approx([0.8, 0.7])


@needs_shared
def test_the_authors_detections_on_real_frames() -> None:
    stored = json.loads((SHARED / "spire-official" / "detections_test_v1.json").read_text())["images"]
    detector = load_official(SHARED / "spire-official" / "SPIRE-SIRST4-512.safetensors")
    for name in ("Misc_70", "Misc_214", "Misc_323"):
        frame = read_image(SHARED / "open-sirst-v1" / "mixed" / f"{name}.png")
        found = detect(detector, frame, OFFICIAL_RULES)
        np.testing.assert_allclose(found.points, stored[name]["points"], atol=1e-3)
        np.testing.assert_allclose(found.scores, np.clip(stored[name]["scores"], 0, 1), atol=1e-3)
