"""Boxes in the forms of YOLO and VOC, beside images; their centres are points if that is asked for.

    images/NAME.png or SPLIT/NAME.png, labels/NAME.txt: CLASS X Y WIDTH HEIGHT in fractions of the frame
    images/ or JPEGImages/NAME.png, Annotations/NAME.xml: xmin, ymin, xmax, ymax in px, counted from 1

A frame without a file of boxes has no target. Splits are lists as in plain folders or in ImageSets/Main.
"""

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irstd.curation.importers.folders import image_files
from irstd.curation.importers.layout import Layout, Published
from irstd.curation.importers.lists import find_lists, read_lists
from irstd.curation.importers.origins import origin_of
from irstd.curation.importers.plain import plain_splits
from irstd.datasets.sample import Sample
from irstd.errors import DataError
from irstd.files.reading import read_lines, read_text
from irstd.frames import read_image

_IMAGES = ("images", "JPEGImages")
_LABELS = {"labels": ".txt", "Annotations": ".xml", "annotations": ".xml"}
_FIELDS = (5, 6)  # of a YOLO row; the sixth is a score
_MOST_CHARACTERS = 1 << 20  # of an XML file


def _lacks(folder: Path) -> str | None:
    if not any((folder / name).is_dir() for name in _IMAGES):
        return "no images/"
    return None if _label_files(folder) else "no labels/*.txt or Annotations/*.xml"


def _label_files(folder: Path) -> Mapping[str, Path]:
    """Return the files of boxes by name, SEQ_FRAME in subfolders, of the first of the folders that has any."""
    for part, suffix in _LABELS.items():
        inside = folder / part
        found = sorted(path for path in inside.rglob(f"[!.]*{suffix}") if path.name != "classes.txt")
        if found:
            return {"_".join((*path.relative_to(inside).parent.parts, path.stem)): path for path in found}
    return {}


def _refuse(folder: Path, _: str | None) -> Published:
    labels = _label_files(folder)
    raise DataError(
        f"{folder}: {len(labels)} files of boxes and no points; take the boxes' centres (`irstd data import … --boxes "
        "centre`), or write points.csv (frame, x, y)"
    )


def _open(folder: Path, wanted: str | None) -> Published:
    frames = image_files(next(folder / name for name in _IMAGES if (folder / name).is_dir()))
    labels = _label_files(folder)
    if not set(labels) & set(frames):
        raise DataError(
            f"{folder}: no file of boxes has a frame's name, such as {next(iter(labels.values())).name}; rename them"
        )
    listed = find_lists([folder / "ImageSets/Main"])
    splits = (
        read_lists(listed["Main"], {name: name for name in frames}, with_test=False)
        if wanted is None and "Main" in listed
        else plain_splits(folder, frames, wanted)
    )

    def sample(name: str) -> Sample:
        frame, path = read_image(frames[name]), labels.get(name)
        if path is None:
            return Sample(name, frame, np.zeros((0, 2)))
        centres = _voc(path) if path.suffix == ".xml" else _yolo(path, (frame.shape[0], frame.shape[1]))
        return Sample(name, frame, centres)

    return Published(origin_of(folder.resolve().name, "boxes"), tuple(frames), splits, sample, with_points=True)


def _yolo(path: Path, size: tuple[int, int]) -> NDArray[np.float64]:
    """Return the centres (n, 2) px of rows of fractions of a frame of `size` (height, width)."""
    rows = [line.split() for line in read_lines(path)]
    for number, row in enumerate(rows, start=1):
        if len(row) not in _FIELDS:
            raise DataError(f"{path}: row {number}: {len(row)} fields; needed are class, x, y, width, height")
    try:
        centres = np.array([row[1:3] for row in rows], dtype=np.float64).reshape(-1, 2)
    except ValueError as fault:
        raise DataError(f"{path}: x and y must be numbers; correct them") from fault
    if not ((centres >= 0) & (centres <= 1)).all():
        raise DataError(f"{path}: x and y must be fractions of the frame, in [0, 1]; correct them")
    return np.asarray(centres * (size[1], size[0]) - 0.5)


def _voc(path: Path) -> NDArray[np.float64]:
    """Return the centres (n, 2) px of the boxes of all objects."""
    text = read_text(path)
    if len(text) > _MOST_CHARACTERS or "<!ENTITY" in text:
        raise DataError(f"{path}: is no file of boxes (too long, or with entities); replace it")
    try:
        boxes = list(ET.fromstring(text).iter("bndbox"))
        sides = [[float(box.findtext(name, "")) for name in ("xmin", "ymin", "xmax", "ymax")] for box in boxes]
    except (ET.ParseError, ValueError) as fault:
        raise DataError(f"{path}: needs bndbox with the numbers xmin, ymin, xmax, ymax; correct it") from fault
    corners = np.array(sides, dtype=np.float64).reshape(-1, 2, 2)
    if not np.isfinite(corners).all():
        raise DataError(f"{path}: needs finite numbers; correct it")
    return np.asarray(corners.mean(axis=1) - 1)


BOXES = Layout(
    signs="images/ or JPEGImages/ and boxes in labels/*.txt or Annotations/*.xml",
    lacks=_lacks,
    open=_refuse,
    open_boxes=_open,
)
