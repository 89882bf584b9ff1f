"""Reading the canonical dataset."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from irstd.datasets.canonical import CanonicalDataset, check_name
from irstd.errors import DataError, UnknownNameError
from irstd.frames import write_png
from tests.datasets.build import build, samples


def test_reads_back_what_was_written(tmp_path: Path) -> None:
    dataset = build(tmp_path / "set")
    assert dataset.names == ("a", "b", "c", "d")
    assert dataset.splits == {"train": ("a", "b"), "val": ("c",), "test": ("d",)}
    for name, expected in samples().items():
        got = dataset.sample(name)
        assert got.frame.dtype == expected.frame.dtype
        np.testing.assert_array_equal(got.frame, expected.frame)
        np.testing.assert_array_equal(got.mask, expected.mask)
        np.testing.assert_allclose(got.points, expected.points)


def test_points_come_from_the_table_where_there_is_one(tmp_path: Path) -> None:
    build(tmp_path / "set")
    (tmp_path / "set/points.csv").write_text("frame,x,y\nb,10.25,9.75\nb,3,4\n")
    dataset = CanonicalDataset.open(tmp_path / "set")
    np.testing.assert_array_equal(dataset.sample("b").points, [(10.25, 9.75), (3.0, 4.0)])
    assert dataset.sample("a").points.shape == (0, 2)


def test_without_masks_there_are_points_alone(tmp_path: Path) -> None:
    dataset = build(tmp_path / "set", with_points=True, with_masks=False)
    assert not dataset.has_masks
    assert dataset.sample("a").mask is None
    np.testing.assert_allclose(dataset.sample("a").points, samples()["a"].points)


def test_samples_follow_the_list(tmp_path: Path) -> None:
    build(tmp_path / "set")
    (tmp_path / "set/splits/train.txt").write_text("b\n\n  a \r\n")
    dataset = CanonicalDataset.open(tmp_path / "set")
    assert [sample.name for sample in dataset.samples("train")] == ["b", "a"]


def test_unknown_split_names_the_known(tmp_path: Path) -> None:
    dataset = build(tmp_path / "set")
    with pytest.raises(UnknownNameError, match=r"unknown split 'dev': known: test, train, val"):
        next(dataset.samples("dev"))


def test_description_is_optional(tmp_path: Path) -> None:
    assert build(tmp_path / "set").info.source == "a test"
    (tmp_path / "set/dataset.json").unlink()
    assert CanonicalDataset.open(tmp_path / "set").info.name == "set"


@pytest.mark.parametrize("name", ["demo", "sirst-v1", "A.b_c", "1"])
def test_good_names(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize("name", ["", "../x", "a/b", "a\\b", "-x", ".x", "a b", "ä", "x\n"])
def test_bad_names(name: str) -> None:
    with pytest.raises(DataError, match="is no dataset name"):
        check_name(name)


def _open_fails(folder: Path, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        CanonicalDataset.open(folder)
    assert "\n" not in str(caught.value)


def test_missing_folder(tmp_path: Path) -> None:
    _open_fails(tmp_path / "nowhere", "nowhere: no such folder; make the dataset first")
    (tmp_path / "lost.dvc").write_text("outs: []")
    _open_fails(tmp_path / "lost", r"lost: no such folder, but lost\.dvc names it; fetch it with `dvc pull .*lost`")


def test_no_images(tmp_path: Path) -> None:
    _open_fails(tmp_path, "images: no frames; a dataset holds them as images/NAME.png")


def test_absent_frame_in_a_split(tmp_path: Path) -> None:
    build(tmp_path / "set")
    (tmp_path / "set/splits/val.txt").write_text("c\nzebra\n")
    _open_fails(tmp_path / "set", r"val.txt: frame 'zebra' is not in images")


def test_frame_in_two_splits(tmp_path: Path) -> None:
    build(tmp_path / "set")
    (tmp_path / "set/splits/test.txt").write_text("d\na\n")
    _open_fails(tmp_path / "set", r"test.txt: frame 'a' is in train")


def test_empty_split(tmp_path: Path) -> None:
    build(tmp_path / "set")
    (tmp_path / "set/splits/test.txt").write_text("\n")
    _open_fails(tmp_path / "set", "test.txt: empty split")


def test_missing_split(tmp_path: Path) -> None:
    build(tmp_path / "set")
    (tmp_path / "set/splits/test.txt").unlink()
    _open_fails(tmp_path / "set", "test.txt: cannot be read")


def test_neither_masks_nor_points(tmp_path: Path) -> None:
    build(tmp_path / "set")
    shutil.rmtree(tmp_path / "set/masks")
    _open_fails(tmp_path / "set", "neither masks nor points.csv")


def test_one_mask_missing(tmp_path: Path) -> None:
    build(tmp_path / "set")
    (tmp_path / "set/masks/d.png").unlink()
    _open_fails(tmp_path / "set", r"no mask for frame 'd' \(1 missing\)")


def test_broken_description(tmp_path: Path) -> None:
    build(tmp_path / "set")
    for text in ("{", json.dumps(["a"])):
        (tmp_path / "set/dataset.json").write_text(text)
        _open_fails(tmp_path / "set", "dataset.json: is no JSON")


def test_mask_of_another_size(tmp_path: Path) -> None:
    dataset = build(tmp_path / "set")
    write_png(tmp_path / "set/masks/a.png", np.zeros((24, 30), dtype=np.uint8))
    with pytest.raises(DataError, match=r"the mask is 30×24 px, the frame 32×24 px"):
        dataset.sample("a")


def test_unreadable_image(tmp_path: Path) -> None:
    dataset = build(tmp_path / "set")
    (tmp_path / "set/images/a.png").write_bytes(b"no image")
    with pytest.raises(DataError, match=r"images/a.png: no image that OpenCV can read"):
        dataset.sample("a")


def test_unknown_frame(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"has no frame '../a'"):
        build(tmp_path / "set").sample("../a")


def test_point_outside_its_frame(tmp_path: Path) -> None:
    build(tmp_path / "set")
    (tmp_path / "set/points.csv").write_text("frame,x,y\na,31.4,2\na,32,5\n")
    with pytest.raises(DataError, match=r"frame 'a': \(32, 5\) lies outside its 32×24 px"):
        CanonicalDataset.open(tmp_path / "set").sample("a")
