"""Plain folders: images with masks, points or both."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from irstd.curation.importers import detect_layout, import_dataset
from irstd.datasets.canonical import CanonicalDataset
from irstd.errors import DataError
from tests.curation.importers.published import plain, write_list
from tests.datasets.build import SPLIT_OF, samples


def test_points_go_before_the_masks_centroids(tmp_path: Path) -> None:
    source = plain(tmp_path / "published")
    (source / "points.csv").write_text("frame,x,y\nb,9.25,10.5\n")
    dataset = CanonicalDataset.open(import_dataset(source, tmp_path, "mine"))
    np.testing.assert_array_equal(dataset.sample("b").points, [(9.25, 10.5)])
    np.testing.assert_array_equal(dataset.sample("b").mask, samples()["b"].mask)
    assert len(dataset.sample("a").points) == 0


def test_masks_alone(tmp_path: Path) -> None:
    source = plain(tmp_path / "published")
    (source / "points.csv").unlink()
    dataset = CanonicalDataset.open(import_dataset(source, tmp_path, "mine"))
    assert not (dataset.folder / "points.csv").exists()
    np.testing.assert_allclose(dataset.sample("a").points, samples()["a"].points)


def test_points_alone(tmp_path: Path) -> None:
    source = plain(tmp_path / "published")
    shutil.rmtree(source / "masks")
    dataset = CanonicalDataset.open(import_dataset(source, tmp_path, "mine"))
    assert not dataset.has_masks
    for name, expected in samples().items():
        np.testing.assert_allclose(dataset.sample(name).points, expected.points)


def test_images_alone_are_no_dataset(tmp_path: Path) -> None:
    source = plain(tmp_path / "published")
    shutil.rmtree(source / "masks")
    (source / "points.csv").unlink()
    with pytest.raises(DataError, match=r"plain \(no masks/ and no points.csv\)"):
        detect_layout(source)


@pytest.mark.parametrize("place", ["mytrain.txt", "lists/Test-set.txt", "img_idx/testing.txt"])
def test_lists_elsewhere_are_not_passed_over(tmp_path: Path, place: str) -> None:
    source = plain(tmp_path / "published")
    write_list(source / place, "a")
    with pytest.raises(DataError, match=rf"plain \({place} is no list in splits/\)"):
        detect_layout(source)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("b,nan,4\n", "points.csv: line 2: x and y must be finite numbers in px"),
        ("b,5,inf\n", "points.csv: line 2: x and y must be finite numbers"),
        ("b,5,\n", "points.csv: line 2: x and y must be finite numbers"),
        ("e,5,4\n", "points.csv: frame 'e' is not in images"),
        ("b,32,4\n", r"frame 'b': \(32, 4\) lies outside its 32×24 px; points are \(x, y\) px"),
        ("d,5,4\nd,19.6,4\n", r"frame 'd': \(19.6, 4\) lies outside its 20×16 px"),
    ],
)
@pytest.mark.parametrize("with_masks", [True, False])
def test_bad_points(tmp_path: Path, rows: str, message: str, with_masks: bool) -> None:
    source = plain(tmp_path / "published")
    (source / "points.csv").write_text("frame,x,y\n" + rows)
    if not with_masks:
        shutil.rmtree(source / "masks")
    with pytest.raises(DataError, match=message):
        import_dataset(source, tmp_path / "raw", "mine")
    assert not list((tmp_path / "raw").glob("*"))


def test_a_table_without_its_columns(tmp_path: Path) -> None:
    source = plain(tmp_path / "published")
    (source / "points.csv").write_text("name,x,y\nb,1,2\n")
    with pytest.raises(DataError, match=r"points.csv: no column frame .*; needed are frame, x, y"):
        import_dataset(source, tmp_path / "raw", "mine")


def test_rows_may_name_files(tmp_path: Path) -> None:
    source = plain(tmp_path / "published")
    (source / "points.csv").write_text("frame,x,y\nb.png,9.25,10.5\nimages/a.jpg,5,7\n")
    dataset = CanonicalDataset.open(import_dataset(source, tmp_path, "mine"))
    np.testing.assert_array_equal(dataset.sample("b").points, [(9.25, 10.5)])
    np.testing.assert_array_equal(dataset.sample("a").points, [(5, 7)])


def test_folders_called_after_splits_are_splits(tmp_path: Path) -> None:
    source = plain(tmp_path / "published")
    shutil.rmtree(source / "splits")
    (source / "points.csv").unlink()
    for part in ("images", "masks"):
        for name, split in SPLIT_OF.items():
            (source / part / split).mkdir(exist_ok=True)
            (source / part / f"{name}.png").rename(source / part / split / f"{name}.png")
    dataset = CanonicalDataset.open(import_dataset(source, tmp_path, "mine"))
    assert dataset.splits == {"train": ("train_a", "train_b"), "val": ("val_c",), "test": ("test_d",)}
    assert dataset.info.splits == "official"
