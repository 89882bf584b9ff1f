from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from irstd.datasets.sample import Sample
from irstd.frames import Placement
from irstd.labels.detections import Detections
from irstd.models.base import Detector, InputRule, Rules
from irstd.settings.faults import SectionError
from irstd.training.config import FitConfig
from irstd.training.crops import Crops
from irstd.training.hard_negatives import find_false_peaks
from tests.training.tiny import TinyResponse, scenes

NATIVE = InputRule(channels=1, size=None)
CONFIG = FitConfig(batch=8, crop=32, scale=(1.0, 1.0), flip=False, start="pretrained", label="gaussian")


class Fires(TinyResponse):
    """It takes these places of any frame for targets."""

    def __init__(self, *points: tuple[float, float]) -> None:
        super().__init__(NATIVE)
        self.places = np.array(points, dtype=np.float64)

    def detections(self, raw: NDArray[np.float32], placement: Placement, rules: Rules) -> Detections:
        return Detections(self.places, np.linspace(0.9, 0.2, len(self.places)))


def frame(name: str, *points: tuple[float, float], mask: bool = False) -> Sample:
    levels = np.full((64, 96), 30, dtype=np.uint8)
    drawn = np.zeros((64, 96), dtype=np.bool_)
    drawn[20:50, 60:90] = True
    return Sample(name, levels, np.array(points).reshape(-1, 2), drawn if mask else None)


def places(detector: Detector, *samples: Sample) -> list[tuple[int, tuple[float, ...]]]:
    return [(peak.frame, tuple(peak.point.tolist())) for peak in find_false_peaks(detector, samples)]


def test_what_is_near_a_target_or_on_its_mask_is_none() -> None:
    detector = Fires((10, 10), (40, 12), (70, 30)).train()
    assert places(detector, frame("one", (15.0, 20.0))) == [(0, (40.0, 12.0)), (0, (70.0, 30.0))]
    assert places(detector, frame("one", (15.0, 20.0), mask=True)) == [(0, (40.0, 12.0))]
    assert places(detector, frame("a", (40.0, 12.0), (10.0, 10.0)), frame("b", mask=True)) == [
        (0, (70.0, 30.0)),
        (1, (10.0, 10.0)),
        (1, (40.0, 12.0)),
    ]
    assert detector.training  # as it was


def test_of_a_frame_the_strongest_eight_stay() -> None:
    detector = Fires(*((5.0 * index, 30.0) for index in range(12)))
    assert [point[0] for _, point in places(detector, frame("one"))] == [5.0 * index for index in range(8)]


@pytest.mark.parametrize(("share", "on_peaks"), [(0.0, 0), (0.25, 2), (0.5, 4)])
def test_a_share_of_the_crops_lies_on_them(share: float, on_peaks: int) -> None:
    """The place is the one bright pixel of the frames."""
    bright = frame("peak", (20.0, 20.0))
    bright.frame[50, 80] = 255
    others = [frame(f"other-{index}", (20.0, 20.0)) for index in range(40)]
    config = replace(CONFIG, hard_negatives=share, target_share=0.5)
    crops = Crops(Fires((80, 50)), [bright, *others], config)
    crops.false_peaks = crops.false_peaks[:1]  # those of the first frame
    batch = crops.batch(3)
    seen = [bool((image == 1.0).any()) for image in batch.images]
    assert sum(seen) == on_peaks
    assert all(name == "peak" for name, shown in zip(batch.names, seen, strict=True) if shown)


def test_without_any_the_crops_are_those_of_before() -> None:
    plain, with_share = (
        Crops(Fires(), scenes(), replace(CONFIG, target_share=0.5, hard_negatives=share)) for share in (0.0, 0.4)
    )
    assert (plain.batch(2).images == with_share.batch(2).images).all()


def test_they_need_weights_to_start_from() -> None:
    with pytest.raises(SectionError, match=r"hard_negatives.*start"):
        FitConfig(hard_negatives=0.2)
    with pytest.raises(SectionError, match=r"hard_negatives.*target_share"):
        FitConfig(hard_negatives=0.6, target_share=0.6, start="pretrained")
