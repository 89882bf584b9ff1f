"""Facts of a frame and its mask."""

from pathlib import Path

import numpy as np
import pytest

from irstd.curation.audit.audit import check_dataset
from irstd.curation.audit.facts import ImageFacts, MaskFacts, point_owners
from irstd.labels.points import components_of
from tests.curation.audit.build import picture, sound
from tests.datasets.build import block_mask


def levels(*blocks: tuple[int, int, int]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.where(block_mask(*blocks), np.uint8(255), np.uint8(0))


@pytest.mark.parametrize(
    ("other", "touching"),
    [
        ((11, 8, 3), True),  # one free column
        ((12, 8, 3), False),  # two
        ((11, 12, 3), True),  # a free pixel across the corner
        ((11, 13, 3), False),
        ((3, 12, 3), True),  # across the other corner
        ((2, 12, 3), False),
        ((7, 4, 3), True),  # above
        ((7, 3, 3), False),
        ((10, 8, 3), False),  # one component
    ],
)
def test_targets_touch_with_at_most_one_px_between_them(other: tuple[int, int, int], touching: bool) -> None:
    assert MaskFacts.of(levels((7, 8, 3), other), None, None).touching == touching


def test_targets_touch_at_the_edge_too() -> None:
    assert MaskFacts.of(levels((29, 21, 1), (31, 23, 1)), None, None).touching
    assert not MaskFacts.of(levels((28, 20, 1), (31, 23, 1)), None, None).touching


def test_a_point_belongs_to_a_target_within_one_px() -> None:
    targets = components_of(block_mask((5, 5, 2), (20, 10, 1)))
    points = np.array([(5.5, 5.5), (7.0, 7.0), (7.1, 6.0), (20.0, 9.0), (21.0, 11.01)])
    assert point_owners(points, targets, 32).tolist() == [0, 0, -1, 1, -1]
    assert point_owners(points, components_of(block_mask()), 32).tolist() == [-1] * 5


def test_any_channel_of_a_mask_counts() -> None:
    mask = np.zeros((10, 12, 3), dtype=np.uint8)
    mask[2, 3, 1] = mask[7, 8, 2] = 9
    facts = MaskFacts.of(mask, None, None)
    assert facts.areas.tolist() == [1, 1]
    assert not facts.soft
    assert np.isnan(facts.contrasts).all()


def test_three_equal_channels_are_the_picture_of_one() -> None:
    grey = picture(0)
    colour = np.repeat(grey[..., None], 3, axis=2)
    assert ImageFacts.of(grey).digest == ImageFacts.of(colour).digest
    colour[3, 3, 0] += 1
    facts = ImageFacts.of(colour)
    assert (facts.channel_gap, facts.channels) == (1, 3)
    assert facts.digest != ImageFacts.of(grey).digest
    deep = ImageFacts.of(grey.astype(np.uint16))
    assert (deep.bits, deep.channels) == (16, 1)
    assert deep.digest != ImageFacts.of(grey).digest
    assert ImageFacts.of(grey.reshape(48, 40)).digest != ImageFacts.of(grey).digest


def test_progress_counts_frames(tmp_path: Path) -> None:
    steps = list[tuple[int, int]]()
    check_dataset(sound(tmp_path / "set"), lambda done, total: steps.append((done, total)))
    assert steps == [(done, 5) for done in (1, 2, 3, 4, 5)]
