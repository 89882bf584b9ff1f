"""Figures of a dataset, by hand."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from irstd.curation.audit.audit import check_dataset
from irstd.frames import read_image, to_8bit, write_png
from tests.curation.audit.build import SIZE, sound
from tests.datasets.build import block_mask, build, samples


def test_counts_sizes_and_areas(tmp_path: Path) -> None:
    build(tmp_path / "set")
    statistics = check_dataset(tmp_path / "set").statistics
    assert statistics.sizes == {"16×20": 1, "24×32": 3}
    assert statistics.channels == {"1": 3, "3": 1}
    assert list(statistics.bits.items()) == [("8", 3), ("16", 1)]
    splits = {name: (own.frames, own.targets, own.frames_without_target) for name, own in statistics.splits.items()}
    assert splits == {"train": (2, 3, 0), "val": (1, 1, 0), "test": (1, 0, 1)}
    assert asdict(statistics.splits["train"].area_px) == {
        "min": 1.0,
        "median": 4.0,
        "mean": 4.666667,
        "max": 9.0,
        "classes": {"up_to_9_px": 3, "up_to_81_px": 0, "over_81_px": 0},
    }
    assert statistics.splits["test"].area_px.median is None
    grey = np.concatenate([to_8bit(samples()[name].frame).ravel() for name in "ab"]) / 255.0
    assert statistics.train_grey == {"mean": round(float(grey.mean()), 6), "std": round(float(grey.std()), 6)}


def test_contrast_is_that_of_the_score(tmp_path: Path) -> None:
    folder = sound(tmp_path / "set")
    # Surroundings: all of a 20×20 frame but its target, half of it 10 and half 20; the target 25 over their mean of 15.
    frame = np.where(np.indices((20, 20)).sum(axis=0) % 2, 20, 10).astype(np.uint8)
    mask = block_mask((9, 9, 2), size=(20, 20))
    frame[mask] = 40
    write_png(folder / "images/c.png", frame)
    write_png(folder / "masks/c.png", mask.astype(np.uint8))
    contrast = check_dataset(folder).statistics.splits["val"].contrast_sigma
    assert (contrast.min, contrast.max) == (5.0, 5.0)
    assert contrast.classes == {"up_to_4_sigma": 0, "up_to_8_sigma": 1, "over_8_sigma": 0}


def test_a_target_on_a_flat_frame_is_counted_but_has_no_mean(tmp_path: Path) -> None:
    folder = sound(tmp_path / "set")
    frame = np.full(SIZE, 50, dtype=np.uint8)
    frame[18:21, 20:23] = 90
    write_png(folder / "images/c.png", frame)
    contrast = check_dataset(folder).statistics.splits["val"].contrast_sigma
    assert contrast.mean is None
    assert contrast.classes["over_8_sigma"] == 1


@pytest.mark.parametrize("spoil", ["images", "masks"])
def test_what_cannot_be_read_or_does_not_fit_has_no_figures(tmp_path: Path, spoil: str) -> None:
    folder = sound(tmp_path / "set")
    write_png(folder / "masks/c.png", read_image(folder / "masks/c.png")[:, :-1])
    (folder / spoil / "d.png").write_bytes(b"")
    statistics = check_dataset(folder).statistics
    assert statistics.splits["val"].area_px.median == 9.0
    assert statistics.splits["val"].contrast_sigma.median is None
    assert sum(statistics.splits["val"].contrast_sigma.classes.values()) == 0
    assert sum(statistics.sizes.values()) == (4 if spoil == "images" else 5)


def test_points_alone_have_no_areas(tmp_path: Path) -> None:
    statistics = check_dataset(sound(tmp_path / "set", with_points=True, with_masks=False)).statistics
    assert statistics.splits["train"].targets == 3
    assert statistics.splits["train"].area_px.median is None


def test_frames_of_no_split_count_as_pictures_only(tmp_path: Path) -> None:
    folder = sound(tmp_path / "set")
    (folder / "splits/test.txt").write_text("d\n")
    (folder / "splits/train.txt").unlink()
    statistics = check_dataset(folder).statistics
    assert statistics.splits["test"].frames == 1
    assert statistics.splits["train"].frames == 0
    assert statistics.train_grey is None
    assert statistics.sizes == {"40×48": 5}
