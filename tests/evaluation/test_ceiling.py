import numpy as np
import pytest

from irstd.curation.importers.folders import MaskedFrames
from irstd.datasets.sample import Sample
from irstd.errors import DataError
from irstd.evaluation.ceiling import ceiling
from irstd.frames import Frame
from tests.shared import SHARED, needs_shared


def sample(name: str, *, targets: bool = True, bright: int = 9, shift: float = 0.0) -> Sample:
    """A flat frame of 40 × 40 px; in its 3 × 3 px target the first `bright` pixels of the middle row on stand out."""
    mask = np.zeros((40, 40), dtype=np.bool_)
    mask[19:22, 19:22] = targets
    order = np.argwhere(mask)[[4, 3, 5, 0, 1, 2, 6, 7, 8]] if targets else np.zeros((0, 2), dtype=np.int64)
    frame = np.full(mask.shape, 40, dtype=np.uint8)
    frame[tuple(order[:bright].T)] = 200
    points = np.full((int(targets), 2), 20.0 + shift)
    return Sample(name=name, frame=frame, points=points, mask=mask)


def test_targets_that_stand_out_whole_leave_nothing_to_lose() -> None:
    score = ceiling([sample("a"), sample("b", targets=False)]).compute()
    assert (score.hse, score.pixel, score.target) == (100.0, 1.0, 1.0)
    assert (score.frames, score.targets) == (2, 1)


def test_pixels_that_do_not_stand_out_are_lost_to_the_step() -> None:
    score = ceiling([sample("a"), sample("b", bright=3)]).compute()
    assert score.a_iou == pytest.approx(12 / 18)
    assert score.a_niou == pytest.approx((1 + 3 / 9) / 2)
    assert score.target == 1.0
    assert score.hse == pytest.approx(50 * (1 + (12 / 18 + 6 / 9) / 2))
    # All that is found is true: the precision is 1 up to a recall of 12 pixels of 18, and 0 beyond.
    assert (score.ap_pixel, score.ap_target) == pytest.approx((12 / 18, 1.0))


def test_the_points_are_those_of_the_dataset() -> None:
    score = ceiling([sample("a", shift=2.0)]).compute()  # 2.8 px from the centroid of the mask: found at 3, 4 and 5 px
    assert score.target == pytest.approx(3 / 5)
    assert score.pixel == 1.0


def test_a_16_bit_frame_and_one_of_three_channels() -> None:
    plain = sample("a", bright=3)
    deep: Frame = plain.frame.astype(np.uint16) * np.uint16(100)
    colour: Frame = np.repeat(np.asarray(plain.frame, dtype=np.uint8)[..., None], 3, axis=2)
    frames = (plain.frame, deep, colour)
    given = [Sample(name, frame, plain.points, plain.mask) for name, frame in zip("abc", frames, strict=True)]
    assert [row.iou for row in ceiling(given).rows()] == [pytest.approx(3 / 9)] * 3


def test_without_a_target_it_is_undefined() -> None:
    score = ceiling([sample("a", targets=False)]).compute()
    assert (score.hse, score.pixel) == (None, None)


def test_a_frame_without_a_mask_is_named() -> None:
    plain = sample("a")
    with pytest.raises(DataError, match="a: has points but no mask; HSE needs masks of the frames it is scored on"):
        ceiling([Sample("a", plain.frame, plain.points)])


@needs_shared
def test_the_ceiling_of_hse_1_on_v1() -> None:
    root = SHARED / "open-sirst-v1"
    frames = MaskedFrames.open(root / "mixed", root / "annotations/masks")
    names = (root / "splits/test_v1.txt").read_text().split()
    score = ceiling(frames.sample(name) for name in names).compute()
    assert (score.frames, score.targets, score.target) == (86, 109, 1.0)
    assert score.hse == pytest.approx(87.62, abs=0.005)  # another figure is another definition
