import shutil
from pathlib import Path

import numpy as np
import pytest

from irstd.errors import DataError, UnknownNameError
from irstd.evaluation.external import Truth, open_truth
from irstd.frames import write_png
from tests.evaluation.external.build import mask_of, picture_of, write_dataset, write_truth


@pytest.mark.parametrize(
    ("split", "names", "beyond"),
    [(None, "dc", "ab"), ("test", "dc", "ab"), ("val", "b", "acd"), ("train", "a", "bcd"), ("all", "abcd", "")],
)
def test_a_dataset_by_split(tmp_path: Path, split: str | None, names: str, beyond: str) -> None:
    truth = open_truth(write_dataset(tmp_path / "set"), split)
    assert (list(truth.masks), truth.beyond) == (list(names), frozenset(beyond))
    assert truth.where == f"{tmp_path / 'set'}" + ("" if split == "all" else f", split {split or 'test'}")
    label = truth.read(names[0])
    assert label.frame is not None
    np.testing.assert_array_equal(label.mask, mask_of("a" if names[0] == "d" else names[0]))


def test_a_dataset_without_splits_is_scored_whole(tmp_path: Path) -> None:
    truth = open_truth(write_truth(tmp_path / "set", mark="_pixels0"))
    assert (list(truth.masks), truth.beyond) == (["a", "b", "c"], frozenset())
    np.testing.assert_array_equal(truth.read("b").frame, picture_of("b"))
    with pytest.raises(DataError, match=r"set: has no splits .*; leave out the split 'val'"):
        open_truth(tmp_path / "set", "val")


@pytest.mark.parametrize("mark", ["", "_pixels0"])
def test_a_folder_of_masks(tmp_path: Path, mark: str) -> None:
    folder = write_truth(tmp_path / "set", mark=mark)
    bare = open_truth(folder / "masks", "all")
    assert (list(bare.masks), bare.images) == (["a", "b", "c"], {})
    assert bare.read("a").frame is None
    with pytest.raises(DataError, match=r"masks: no picture of frame 'a' \(3 missing\); .* \(--images DIR\)"):
        bare.check_images()
    pictured = open_truth(folder / "masks", images=folder / "images")
    pictured.check_images()
    np.testing.assert_array_equal(pictured.read("a").frame, picture_of("a"))


def test_soft_masks_are_told(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", np.array([[0, 7, 255]], dtype=np.uint8))
    label = open_truth(tmp_path).read("a")
    assert (label.mask.tolist(), label.soft) == ([[False, True, True]], True)


def test_a_mask_of_another_size_than_its_picture(tmp_path: Path) -> None:
    truth = open_truth(write_truth(tmp_path / "set"))
    write_png(tmp_path / "set/images/b.png", picture_of("b")[:, :9])
    with pytest.raises(DataError, match=r"b\.png: is 26×20 px, its frame 9×20 px"):
        truth.read("b")


def test_truth_that_is_none(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "set")
    with pytest.raises(UnknownNameError, match="unknown split 'tst': did you mean test"):
        open_truth(folder, "tst")
    with pytest.raises(DataError, match="absent: no such folder; give the folder of the images"):
        open_truth(folder, images=tmp_path / "absent")
    with pytest.raises(DataError, match="absent: no such folder; give a dataset or a folder of masks"):
        open_truth(tmp_path / "absent")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"empty: no images; looked for \.png"):
        open_truth(tmp_path / "empty")
    shutil.copy(folder / "masks/a.png", folder / "masks/a_pixels0.png")
    with pytest.raises(DataError, match=r"a_pixels0\.png: a\.png stands for the frame 'a' as well"):
        open_truth(folder / "masks")


def test_a_dataset_of_points_alone(tmp_path: Path) -> None:
    folder = write_dataset(tmp_path / "set")
    shutil.rmtree(folder / "masks")
    (folder / "points.csv").write_text("frame,x,y\n")
    with pytest.raises(DataError, match="set: has points but no masks"):
        open_truth(folder)


def test_frames_are_read_when_asked_for(tmp_path: Path) -> None:
    truth = Truth("here", {"a": tmp_path / "a.png"}, {})
    with pytest.raises(DataError, match=r"a\.png: cannot be read"):
        truth.read("a")
