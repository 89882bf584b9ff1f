"""SPIRE's layouts, and points in COCO's JSON."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from irstd.curation.importers import detect_layout, import_dataset
from irstd.datasets.canonical import CanonicalDataset
from irstd.errors import DataError
from tests.curation.importers.published import coco, names_of, spire, write_frames, write_image, write_json, write_list
from tests.datasets.build import SPLIT_OF, samples

JSON = "annotations/annotations.json"


def imported(source: Path) -> CanonicalDataset:
    assert detect_layout(source) == "spire"
    return CanonicalDataset.open(import_dataset(source, source.parent / "raw", source.name))


def fails(source: Path, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        import_dataset(source, source.parent / "raw", "mine", layout="spire")
    assert "\n" not in str(caught.value)


def check_points(dataset: CanonicalDataset) -> None:
    for name, expected in samples().items():
        np.testing.assert_allclose(dataset.sample(name).points, expected.points)


def test_the_older_layout(tmp_path: Path) -> None:
    source = tmp_path / "older"
    for split, names in (("train", ("a", "b", "c")), ("test", ("d",))):
        write_json(source / f"{split}/annotations/{split}.json", coco(*names))
        for name in names:
            write_image(source / f"{split}/{split}_images/{name}.png", samples()[name].frame)
    dataset = imported(source)
    check_points(dataset)
    assert dataset.splits["test"] == ("d",)
    assert dataset.info.splits.startswith("train, test: official; val: carved")


def test_cocos_own_names(tmp_path: Path) -> None:
    source = tmp_path / "coco"
    for split in ("train", "val", "test"):
        names = names_of(split)
        write_json(source / f"annotations/person_keypoints_{split}2017.json", coco(*names))
        for name in names:
            write_image(source / f"{split}2017/{name}.png", samples()[name].frame)
    write_json(source / "annotations/instances_train2017.json", {"images": [], "annotations": [{"bbox": [1, 2, 3, 4]}]})
    dataset = imported(source)
    check_points(dataset)
    assert dataset.splits == {split: tuple(names_of(split)) for split in ("train", "val", "test")}
    assert dataset.info.splits == "official"
    with pytest.raises(DataError, match="its splits are JSON files"):
        import_dataset(source, tmp_path, "mine", lists="x")


@pytest.mark.parametrize("place", ["images", "images/train", "images/train2017", "train/images", "train", "."])
def test_images_are_found_where_they_are_put(tmp_path: Path, place: str) -> None:
    source = tmp_path / "any"
    write_json(source / "annotations/train.json", coco("a", "b", "c"))
    write_json(source / "annotations/test.json", coco("d"))
    write_frames(source / place)
    if place not in {"images", "."}:
        write_image(source / "test/d.png", samples()["d"].frame)
    assert imported(source).names == ("a", "b", "c", "d")


def test_without_lists_all_splits_are_carved(tmp_path: Path) -> None:
    source = spire(tmp_path / "published")
    shutil.rmtree(source / "img_idx")
    assert imported(source).info.splits.startswith("test: carved, 1 of 4 train frames")
    with pytest.raises(DataError, match="has no lists of splits to choose from"):
        import_dataset(source, tmp_path, "mine", lists="x")


def test_lists_hold_ids_before_names(tmp_path: Path) -> None:
    source = spire(tmp_path / "published")
    content = coco("a", "b", "c", "d")
    for number, image in zip((7, 8, 9, "a"), content["images"], strict=True):
        image["id"] = number
    for number, annotation in zip((7, 8, 9, "a"), content["annotations"], strict=True):
        annotation["image_id"] = number
    write_json(source / JSON, content)
    write_list(source / "img_idx/train.txt", "7", "b.png", "c")
    write_list(source / "img_idx/test.txt", "a")
    dataset = imported(source)
    assert dataset.splits["test"] == ("d",)
    check_points(dataset)


def with_keypoints(source: Path, *annotations: Any) -> None:
    """The dataset with other annotations, each (image, keypoints)."""
    content = coco(*SPLIT_OF)
    content["annotations"] = [{"image_id": name, "keypoints": keypoints} for name, keypoints in annotations]
    write_json(source / JSON, content)


def test_keypoints_that_are_not_labelled_are_skipped_and_the_corner_is_a_place(tmp_path: Path) -> None:
    source = spire(tmp_path / "published")
    with_keypoints(source, ("a", [0, 0, 2, 5, 6, 0, 7, 8, 1]), ("a", [9, 10, 2]), ("b", [0, 0, 0]), ("c", []))
    dataset = imported(source)
    np.testing.assert_array_equal(dataset.sample("a").points, [(0, 0), (7, 8), (9, 10)])
    assert all(dataset.sample(name).points.shape == (0, 2) for name in "bcd")


def half_boxed(source: Path) -> None:
    """The dataset with a box and no keypoint for the one target of `b`, one of two targets of `a`."""
    with_keypoints(source, ("a", [5, 7, 1]))
    content = json.loads((source / JSON).read_text())
    content["annotations"] += [
        {"image_id": "a", "bbox": [20, 10, 2, 2]},
        {"image_id": "b", "bbox": [9, 9, 3, 3], "keypoints": [0, 0, 0]},
        {"image_id": "d", "bbox": [], "keypoints": []},
    ]
    write_json(source / JSON, content)


def test_boxes_without_a_keypoint_are_no_background(tmp_path: Path) -> None:
    source = spire(tmp_path / "published")
    half_boxed(source)
    fails(source, r"2 of 4 annotations have a box and no keypoint, such as one of image a: .*--boxes centre")
    dataset = CanonicalDataset.open(import_dataset(source, tmp_path / "raw", "mine", boxes="centre"))
    np.testing.assert_array_equal(dataset.sample("a").points, [(5, 7), (20.5, 10.5)])
    np.testing.assert_array_equal(dataset.sample("b").points, [(10, 10)])
    assert dataset.sample("d").points.shape == (0, 2)


def test_boxes_alone_are_taken_if_asked_for(tmp_path: Path) -> None:
    source = spire(tmp_path / "published")
    content = coco(*SPLIT_OF)
    content["annotations"] = [{"image_id": "a", "bbox": [20, 10, 2, 2]}, {"image_id": "b", "bbox": [9, 9, 3, 3]}]
    write_json(source / JSON, content)
    assert detect_layout(source) == "spire"
    fails(source, "2 of 2 annotations have a box and no keypoint")
    dataset = CanonicalDataset.open(import_dataset(source, tmp_path / "raw", "mine", boxes="centre"))
    np.testing.assert_array_equal(dataset.sample("a").points, [(20.5, 10.5)])
    (source / "masks").mkdir()
    assert detect_layout(source) == "basicirstd"  # boxes beside masks are no labels
    (source / "masks").rmdir()
    content["annotations"][0]["bbox"] = [1, 2, "x"]
    write_json(source / JSON, content)
    shutil.rmtree(dataset.folder)
    fails(source, r"bbox of image a is no \[x, y, width, height\]")


def test_names_as_windows_writes_them(tmp_path: Path) -> None:
    source = spire(tmp_path / "published")
    content = coco(*SPLIT_OF)
    for image in content["images"]:
        image["file_name"] = f"images\\{image['file_name']}"
    write_json(source / JSON, content)
    check_points(imported(source))


@pytest.mark.parametrize(
    ("keypoints", "message"),
    [
        ([1, 2], r"keypoints of image b are no \[x, y, v, x, y, v, …\]: \[1, 2\]"),
        ([1, 2, "x"], r"keypoints of image b are no \[x, y, v"),
        ([[1, 2, 1], [3]], r"keypoints of image b are no \[x, y, v"),
        (None, r"keypoints of image b are no \[x, y, v|not all finite"),
        (["nan", 2, 1], r"keypoints of image b are not all finite: \['nan', 2, 1\]; correct them"),
        ([1, float("inf"), 1], "JSON has no Infinity"),
        ([32, 5, 1], r"frame 'b': \(32, 5\) lies outside its 32×24 px; points are \(x, y\)"),
        ([5, -0.6, 1], r"frame 'b': \(5, -0.6\) lies outside"),
    ],
)
def test_bad_keypoints(tmp_path: Path, keypoints: Any, message: str) -> None:
    source = spire(tmp_path / "published")
    with_keypoints(source, ("b", keypoints), ("a", [1, 2, 1]))
    fails(source, message)
    assert not list((tmp_path / "raw").glob("*"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "annotations.json: is no JSON that can be used"),
        ("[" * 100_000, "annotations.json: is nested deeper"),
        ("[]", "annotations.json: no JSON object"),
        ('{"images": {}, "annotations": []}', "annotations.json: no list 'images'"),
        ('{"images": []}', "annotations.json: no list 'annotations'"),
        ('{"images": [], "annotations": [{"bbox": [1, 2, 3, 4]}, 5]}', "an annotation of no image in it"),
    ],
)
def test_json_that_is_not_cocos(tmp_path: Path, content: str, message: str) -> None:
    source = spire(tmp_path / "published")
    (source / JSON).write_text(content)
    fails(source, message)


def test_what_is_wrong_inside_is_told(tmp_path: Path) -> None:
    source = spire(tmp_path / "published")

    def with_change(part: str, entry: Any) -> None:
        content = coco(*SPLIT_OF)
        content[part].append(entry)
        write_json(source / JSON, content)

    with_change("images", {"id": "e"})
    fails(source, r"an image without id or file_name: \{'id': 'e'\}; complete it")
    with_change("images", {"id": "a", "file_name": "e.png"})
    fails(source, "image id a occurs twice")
    with_change("images", {"id": "e", "file_name": "other/a.bmp"})
    fails(source, "'other/a.bmp' and another image are both frame 'a'; rename one")
    with_change("images", {"id": "e", "file_name": "e.png"})
    fails(source, r"image 'e.png' is not in .*published \(looked in images, .\); add it or correct")
    with_change("images", {"id": "e", "file_name": "../e.png"})
    fails(source, r"file_name '../e.png' leads out of the dataset; correct it")
    with_change("annotations", {"image_id": "e", "keypoints": [1, 2, 1]})
    fails(source, r"an annotation of no image in it: \{'image_id': 'e'.*; correct its image_id")
    with_change("annotations", 5)
    fails(source, "an annotation of no image in it: 5")
    with_change("images", {"id": "e", "file_name": "e.png", "width": 30, "height": 24})
    write_image(source / "images/e.png", samples()["a"].frame)
    write_list(source / "img_idx/test.txt", "e")
    fails(source, "annotations.json: image e: is 30×24 px, its frame 32×24 px; replace the one that is wrong")
    write_json(source / JSON, {"images": [], "annotations": []})
    fails(source, "annotations.json: holds no images; add them")


def test_files_that_say_the_same_are_refused(tmp_path: Path) -> None:
    source = tmp_path / "twice"
    write_frames(source / "images")
    write_json(source / "annotations/train.json", coco("a", "b", "c"))
    write_json(source / "annotations/test.json", coco("d", "a"))
    fails(source, "test.json: frame 'a' is in .*train.json: image a too; a frame has one split")
    write_json(source / "annotations/train_2.json", coco("a"))
    fails(source, "train_2.json: is for train, as .*train.json is")
    for name in ("train", "train_2"):
        (source / f"annotations/{name}.json").unlink()
    fails(source, "test.json: has no JSON for train beside it; add it")
