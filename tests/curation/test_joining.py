"""Several datasets as one."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from irstd.curation.importers import import_dataset
from irstd.curation.joining import join_datasets
from irstd.curation.writing import new_dataset
from irstd.datasets.canonical import SPLITS, CanonicalDataset, DatasetInfo, read_parts
from irstd.datasets.frame_tables import Moment
from irstd.datasets.sample import Sample
from irstd.errors import DataError
from irstd.frames import Frame


def scene(seed: int) -> Frame:
    rng = np.random.default_rng(seed)
    return np.asarray(cv2.GaussianBlur(rng.normal(90, 300, (40, 48)), (0, 0), 3).clip(0, 200), dtype=np.uint8)


def masked(folder: Path, frames: list[Frame]) -> Path:
    """A dataset of masks, one frame a split."""
    with new_dataset(folder, DatasetInfo(folder.name, "s", "c", "l", "official")) as writer:
        for frame, split in zip(frames, SPLITS, strict=True):
            mask = np.zeros(frame.shape, dtype=np.bool_)
            mask[10:12, 20:23] = True
            writer.add(Sample(f"{split}_1", frame, np.array([[21.0, 10.5]]), mask, soft=split == "val"), split)
    return folder


def boxed(folder: Path, frames: list[Frame]) -> Path:
    """A dataset of points, loose boxes and clips, one frame a split; a bright bar leaves the box."""
    with new_dataset(folder, DatasetInfo(folder.name), with_points=True) as writer:
        for at, (frame, split) in enumerate(zip(frames, SPLITS, strict=True)):
            bright = frame // 4
            bright[20, 12:29] = 255
            box = np.array([[18.0, 18.0, 5.0, 5.0]])
            writer.add(Sample(f"f{at}", bright, box[:, :2] + 2, boxes=box, moment=Moment("clip", at)), split)
    return folder


def test_frames_keep_their_splits_and_pixels(tmp_path: Path) -> None:
    one = masked(tmp_path / "one", [scene(at) for at in range(3)])
    two = boxed(tmp_path / "two", [scene(at) for at in range(3, 6)])
    assert join_datasets(tmp_path / "both", [one, two]) == []
    both = CanonicalDataset.open(tmp_path / "both")
    assert both.splits == {
        "train": ("one-train_1", "two-f0"),
        "val": ("one-val_1", "two-f1"),
        "test": ("one-test_1", "two-f2"),
    }
    for folder, name in ((one, "train_1"), (two, "f1")):
        before, after = CanonicalDataset.open(folder).sample(name), both.sample(f"{folder.name}-{name}")
        np.testing.assert_array_equal(after.frame, before.frame)
        np.testing.assert_array_equal(after.points, before.points)
    assert both.sample("two-f1").moment == Moment("two-clip", 1)
    assert both.sample("one-val_1").moment is None


def test_frames_without_masks_get_pseudo_masks_inside_their_boxes(tmp_path: Path) -> None:
    sets = [masked(tmp_path / "one", [scene(at) for at in range(3)]), boxed(tmp_path / "two", [scene(9)] * 3)]
    join_datasets(tmp_path / "both", sets)
    mask = CanonicalDataset.open(tmp_path / "both").sample("two-f0").mask
    assert mask is not None
    assert np.argwhere(mask).tolist() == [[20, column] for column in range(16, 25)]  # the box and 2 px on each side
    given, made = read_parts(tmp_path / "both")
    assert (given["name"], given["licence"], given["masks"]) == ("one", "l", "given")
    assert made["masks"].startswith("pseudo-masks")
    stored = json.loads((tmp_path / "both/dataset.json").read_text())
    assert stored["soft_masks"] == ["one-val_1"]
    assert stored["citation"] == "one: c; two: not known"


def test_an_import_of_a_joined_set_keeps_its_terms(tmp_path: Path) -> None:
    sets = [masked(tmp_path / name, [scene(at + start) for at in range(3)]) for start, name in ((0, "one"), (3, "two"))]
    join_datasets(tmp_path / "both", sets)
    again = import_dataset(tmp_path / "both", tmp_path / "raw", "mine")
    assert read_parts(again) == read_parts(tmp_path / "both") != []
    assert CanonicalDataset.open(again).info.licence == "one: l; two: l"


def test_points_alone_stay_points(tmp_path: Path) -> None:
    sets = [boxed(tmp_path / name, [scene(at + start) for at in range(3)]) for start, name in enumerate("ab")]
    join_datasets(tmp_path / "both", sets)
    assert not CanonicalDataset.open(tmp_path / "both").has_masks
    assert "masks" not in read_parts(tmp_path / "both")[0]
    assert read_parts(sets[0]) == []


def test_a_scene_on_two_sides_is_warned_of(tmp_path: Path) -> None:
    one = masked(tmp_path / "one", [scene(at) for at in range(3)])
    two = masked(tmp_path / "two", [scene(2), scene(7), scene(8)])
    (warning,) = join_datasets(tmp_path / "both", [one, two])
    assert "one-test_1" in warning
    assert "two-train_1" in warning


def test_what_cannot_be_joined(tmp_path: Path) -> None:
    one = masked(tmp_path / "one", [scene(at) for at in range(3)])
    same = masked(tmp_path / "other/one", [scene(at) for at in range(3)])
    for sources in ([one], [one, same]):
        with pytest.raises(DataError, match="different names"):
            join_datasets(tmp_path / "both", sources)
    with pytest.raises(DataError, match="exists already"):
        join_datasets(one, [one, same])
