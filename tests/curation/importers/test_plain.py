"""Plain folders: images with masks, points or both."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from irstd.curation.audit.audit import check_dataset
from irstd.curation.importers import detect_layout, import_dataset
from irstd.datasets.canonical import CanonicalDataset, read_parts
from irstd.datasets.fingerprint import fingerprint
from irstd.datasets.frame_tables import Moment
from irstd.errors import DataError, UnknownNameError
from tests.curation.importers.published import plain, write_image, write_list
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


def clips(folder: Path) -> Path:
    """Twelve clips of three frames each, in pairs of one background, with boxes, points and clips in tables."""
    rng = np.random.default_rng(0)
    tables = {"points": ["frame,x,y"], "boxes": ["frame,x,y,width,height,label"], "sequences": ["frame,clip,index"]}
    for clip in range(12):
        if clip % 2 == 0:
            background = rng.integers(0, 200, (64, 80))
        for index in range(3):
            frame = np.clip(background + rng.integers(0, 9, (64, 80)), 0, 255).astype(np.uint8)
            frame[30:33, 20 + index : 23 + index] = 255
            name = f"{chr(97 + clip)}x{index}"
            write_image(folder / f"frames/{name}.png", frame)
            tables["points"].append(f"{name}.png,{21 + index},31")
            tables["boxes"].append(f"{name}.png,{17 + index},27,9,9,bird")
            tables["sequences"].append(f"{name}.png,{clip:02d},{index}")
    for table, rows in tables.items():
        (folder / f"{table}.csv").write_text("\n".join(rows) + "\n")
    return folder


def test_clips_are_split_by_scene(tmp_path: Path) -> None:
    source = clips(tmp_path / "published")
    one, two = (CanonicalDataset.open(import_dataset(source, tmp_path / str(at), "mine", seed=3)) for at in range(2))
    assert one.splits == two.splits
    assert {split: len(names) for split, names in one.splits.items()} == {"train": 24, "val": 6, "test": 6}
    assert one.moments is not None
    sides = {int(one.moments[name].clip) // 2: split for split, names in one.splits.items() for name in names}
    assert all(
        sides[int(one.moments[name].clip) // 2] == split for split, names in one.splits.items() for name in names
    )
    assert one.info.splits.endswith("; by scene: 12 clips in 6 scenes, listed in scenes.csv")
    assert len((one.folder / "scenes.csv").read_text().splitlines()) == 1 + 12
    assert fingerprint(one.folder) == fingerprint(two.folder)
    again = CanonicalDataset.open(import_dataset(one.folder, tmp_path, "again"))
    assert (again.splits, again.moments) == (one.splits, one.moments)


def test_boxes_and_clips_come_along(tmp_path: Path) -> None:
    dataset = CanonicalDataset.open(import_dataset(clips(tmp_path / "published"), tmp_path, "mine"))
    sample = dataset.sample("cx1")
    assert sample.boxes is not None
    assert sample.boxes.tolist() == [[18, 27, 9, 9]]
    assert sample.moment == Moment("02", 1)
    assert sample.points.tolist() == [[22, 31]]


def test_the_audit_names_clips_in_two_splits(tmp_path: Path) -> None:
    folder = import_dataset(clips(tmp_path / "published"), tmp_path, "mine")
    assert "clip-in-two-splits" not in [finding.rule for finding in check_dataset(folder).findings]
    lists = [folder / f"splits/{split}.txt" for split in ("train", "val")]
    first, *others = lists[0].read_text().splitlines()
    write_list(lists[0], *others)
    write_list(lists[1], *lists[1].read_text().splitlines(), first)
    found = {finding.rule: finding for finding in check_dataset(folder).findings}
    assert len(found["clip-in-two-splits"].names) == 1


def test_points_alone_can_be_given_masks(tmp_path: Path) -> None:
    source = plain(tmp_path / "published")
    shutil.rmtree(source / "masks")
    dataset = CanonicalDataset.open(import_dataset(source, tmp_path, "mine", masks="points"))
    for name, published in samples().items():
        sample = dataset.sample(name)
        np.testing.assert_allclose(sample.points, published.points)
        assert sample.mask is not None
        for x, y in sample.points.round().astype(int):
            assert sample.mask[max(y - 2, 0) : y + 3, max(x - 2, 0) : x + 3].any()
        assert sample.mask.any() == bool(len(sample.points))
    (part,) = read_parts(dataset.folder)
    assert part["name"] == "mine"
    assert part["masks"].startswith("pseudo-masks from points")


def test_masks_are_made_only_where_there_are_none(tmp_path: Path) -> None:
    source = plain(tmp_path / "published")
    with pytest.raises(DataError, match="has a mask; omit --masks"):
        import_dataset(source, tmp_path, "mine", masks="points")
    with pytest.raises(UnknownNameError, match="way to make masks"):
        import_dataset(source, tmp_path, "mine", masks="boxes")
