"""Boxes in the forms of YOLO and VOC."""

from pathlib import Path

import numpy as np
import pytest

from irstd.curation.importers import detect_layout, import_dataset
from irstd.datasets.canonical import CanonicalDataset
from irstd.errors import DataError, UnknownNameError
from tests.curation.importers.published import open_sirst, write_frames, write_image, write_list
from tests.datasets.build import SPLIT_OF, samples

VOC = """<annotation><filename>a.png</filename>
<object><bndbox><xmin>5</xmin><ymin>7</ymin><xmax>7</xmax><ymax>9</ymax></bndbox></object>
<object><bndbox><xmin>21</xmin><ymin>11</ymin><xmax>22</xmax><ymax>12</ymax></bndbox></object></annotation>"""


def yolo(folder: Path) -> Path:
    """The frame `a` is 32×24 px, with targets at (5, 7) and (20.5, 10.5)."""
    for name, split in SPLIT_OF.items():
        write_image(folder / f"images/{split}/{name}.png", samples()[name].frame)
    rows = [f"0 {5.5 / 32} {7.5 / 24} {3 / 32} {3 / 24}", f"1 {21 / 32} {11 / 24} 0.1 0.1 0.9"]
    write_list(folder / "labels/train/a.txt", *rows)
    write_list(folder / "labels/classes.txt", "drone")
    return folder


def voc(folder: Path) -> Path:
    write_frames(folder / "JPEGImages")
    (folder / "Annotations").mkdir()
    (folder / "Annotations/a.xml").write_text(VOC)
    write_list(folder / "ImageSets/Main/trainval.txt", "a", "b", "c")
    write_list(folder / "ImageSets/Main/test.txt", "d")
    return folder


def centres(source: Path) -> CanonicalDataset:
    return CanonicalDataset.open(import_dataset(source, source.parent / "raw", source.name, boxes="centre"))


def test_yolo(tmp_path: Path) -> None:
    dataset = centres(yolo(tmp_path / "yolo"))
    np.testing.assert_allclose(dataset.sample("train_a").points, [(5, 7), (20.5, 10.5)], atol=1e-4)
    assert dataset.sample("train_b").points.shape == (0, 2)
    assert dataset.splits == {"train": ("train_a", "train_b"), "val": ("val_c",), "test": ("test_d",)}


def test_voc(tmp_path: Path) -> None:
    dataset = centres(voc(tmp_path / "voc"))
    np.testing.assert_array_equal(dataset.sample("a").points, [(5, 7), (20.5, 10.5)])
    assert dataset.splits["test"] == ("d",)


@pytest.mark.parametrize("build", [yolo, voc])
def test_they_are_points_only_if_asked_for(tmp_path: Path, build: object) -> None:
    source = build(tmp_path / "set")  # type: ignore[operator]
    assert detect_layout(source) == "boxes"
    with pytest.raises(DataError, match=r"1 files of boxes and no points; .*--boxes centre.*points\.csv"):
        import_dataset(source, tmp_path / "raw", "mine")
    with pytest.raises(UnknownNameError, match=r"unknown way to take boxes 'corner': .*known: centre"):
        import_dataset(source, tmp_path / "raw", "mine", boxes="corner")
    with pytest.raises(DataError, match="its layout has no boxes; omit --boxes"):
        import_dataset(open_sirst(tmp_path / "sirst"), tmp_path / "raw", "mine", boxes="centre")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("0 0.5 0.5 0.1", "row 1: 4 fields; needed are class, x, y, width, height"),
        ("0 12 7 3 3", "must be fractions of the frame"),
        ("0 nan 0.5 0.1 0.1", "must be fractions of the frame"),
        ("0 x 0.5 0.1 0.1", "x and y must be numbers"),
    ],
)
def test_faulty_rows(tmp_path: Path, row: str, message: str) -> None:
    source = yolo(tmp_path / "yolo")
    write_list(source / "labels/train/a.txt", row)
    with pytest.raises(DataError, match=message):
        centres(source)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<annotation>", "needs bndbox with the numbers"),
        (VOC.replace("<xmin>5</xmin>", ""), "needs bndbox with the numbers"),
        (VOC.replace("<xmin>5", "<xmin>inf"), "needs finite numbers"),
        ('<!DOCTYPE a [<!ENTITY b "c">]>' + VOC, "or with entities"),
    ],
)
def test_faulty_xml(tmp_path: Path, text: str, message: str) -> None:
    source = voc(tmp_path / "voc")
    (source / "Annotations/a.xml").write_text(text)
    with pytest.raises(DataError, match=message):
        centres(source)


def test_files_of_boxes_of_other_frames(tmp_path: Path) -> None:
    source = voc(tmp_path / "voc")
    (source / "Annotations/a.xml").rename(source / "Annotations/z.xml")
    with pytest.raises(DataError, match=r"no file of boxes has a frame's name, such as z\.xml"):
        centres(source)
