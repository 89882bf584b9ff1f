"""The canonical dataset: one folder form for every source.

    NAME/images/FRAME.png     8- or 16-bit, one or three channels, any size
    NAME/masks/FRAME.png      any nonzero pixel is target; all black for a frame without target
    NAME/points.csv           frame, x, y: one row a target; none for a frame without target
    NAME/boxes.csv            frame, x, y, width, height: loose boxes round the targets; optional
    NAME/sequences.csv        frame, clip, index: the clip that each frame is of; optional
    NAME/splits/SPLIT.txt     train, val, test: one frame name a line
    NAME/dataset.json         name, source, citation, licence, counts, origin of the splits

Masks or points or both; with both, the points are those of points.csv.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irstd.datasets.frame_tables import BOXES, SEQUENCES, Moment, read_boxes, read_sequences
from irstd.datasets.points_csv import read_points
from irstd.datasets.sample import Sample, check_sample
from irstd.errors import DataError, lookup
from irstd.files.reading import read_lines, read_object
from irstd.frames import Frame, read_image, read_mask
from irstd.labels.points import points_from_mask

SPLITS = ("train", "val", "test")
SOFT_MASKS = "soft_masks"
"""Key of dataset.json for the frames whose published masks had more than two levels."""

PARTS = "parts"
"""Key of dataset.json for the datasets that one was joined of: name, source, citation, licence, splits and masks."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def check_name(name: str) -> str:
    """Return `name` if it can name a dataset.

    Raises:
        DataError: it is empty, a path, or has other characters.
    """
    if not _NAME.fullmatch(name):
        raise DataError(
            f"'{name}' is no dataset name; use letters, digits, '.', '_' and '-', the first a letter or digit"
        )
    return name


@dataclass(frozen=True)
class DatasetInfo:
    """Origin of a dataset.

    Attributes:
        name: name of the dataset and of its folder.
        source: publisher, or how it was made.
        citation: reference to cite.
        licence: terms of use.
        splits: origin of the splits; empty if unknown.
    """

    name: str
    source: str = ""
    citation: str = ""
    licence: str = ""
    splits: str = ""


@dataclass(frozen=True)
class CanonicalDataset:
    """A dataset on disk; frames are read on demand.

    Attributes:
        folder: its folder.
        info: content of dataset.json; only the folder's name without that file.
        names: names of all frames, sorted.
        splits: train, val and test, each with the names of its frames in the file's order.
        has_masks: True if every frame has a mask, False if none has.
        points: points of every frame by name, from points.csv; None without that file: the masks give the points.
        boxes: boxes of every frame by name, from boxes.csv; None without that file.
        moments: moments of the frames that are of a clip, by name, from sequences.csv; None without that file.
    """

    folder: Path
    info: DatasetInfo
    names: tuple[str, ...]
    splits: Mapping[str, tuple[str, ...]]
    has_masks: bool
    points: Mapping[str, NDArray[np.float64]] | None
    boxes: Mapping[str, NDArray[np.float64]] | None = None
    moments: Mapping[str, Moment] | None = None

    @classmethod
    def open(cls, folder: Path) -> "CanonicalDataset":
        """Open the dataset in `folder`; its lists are read and checked against its files.

        Raises:
            DataError: the folder is missing or no canonical dataset; the message names the file and the fault.
        """
        names = _frame_names(folder)
        has_masks = _has_masks(folder, names)
        has_points = (folder / "points.csv").is_file()
        if not (has_masks or has_points):
            raise DataError(f"{folder}: neither masks nor points.csv; a dataset needs one of them as its labels")
        return cls(
            folder=folder,
            info=read_info(folder),
            names=names,
            splits=_read_splits(folder, names),
            has_masks=has_masks,
            points=read_points(folder / "points.csv", names) if has_points else None,
            boxes=read_boxes(folder / BOXES, names) if (folder / BOXES).is_file() else None,
            moments=read_sequences(folder / SEQUENCES, names) if (folder / SEQUENCES).is_file() else None,
        )

    def frame(self, name: str) -> Frame:
        """Read the frame `name` as stored.

        Raises:
            DataError: it is not in the dataset or cannot be read.
        """
        if name not in self._known:
            raise DataError(f"{self.folder}: has no frame '{name}'; its {len(self.names)} frames are in images")
        return read_image(self.folder / "images" / f"{name}.png")

    def sample(self, name: str) -> Sample:
        """Read the frame `name` with its points and, if the dataset has masks, its mask.

        Raises:
            DataError: a file cannot be read, the mask has another size than the frame, or a point lies outside it.
        """
        frame = self.frame(name)
        mask = read_mask(self.folder / "masks" / f"{name}.png") if self.has_masks else None
        if self.points is not None:
            points = self.points[name]
        else:
            points = np.zeros((0, 2)) if mask is None else points_from_mask(mask)
        sample = Sample(
            name=name,
            frame=frame,
            points=points,
            mask=mask,
            boxes=None if self.boxes is None else self.boxes[name],
            moment=(self.moments or {}).get(name),
        )
        check_sample(sample, str(self.folder))
        return sample

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.names)

    def samples(self, split: str) -> Iterator[Sample]:
        """Read the samples of a split in its order, one in memory at a time.

        Raises:
            UnknownNameError: no such split.
            DataError: as `sample`.
        """
        yield from (self.sample(name) for name in lookup(self.splits, split, "split"))


def read_parts(folder: Path) -> list[dict[str, Any]]:
    """Return what dataset.json says of the datasets that this one was joined of; none for any other.

    Raises:
        DataError: it is no JSON object.
    """
    path = folder / "dataset.json"
    parts = read_object(path).get(PARTS, []) if path.is_file() else []
    return [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def no_dataset(folder: Path) -> DataError:
    """Return the error for a dataset whose folder is not there; DVC may know where it is."""
    if folder.with_name(f"{folder.name}.dvc").is_file():
        return DataError(f"{folder}: no such folder, but {folder.name}.dvc names it; fetch it with `dvc pull {folder}`")
    return DataError(f"{folder}: no such folder; make the dataset first (`irstd data demo`, `irstd data import`)")


def _frame_names(folder: Path) -> tuple[str, ...]:
    if not folder.is_dir():
        raise no_dataset(folder)
    names = sorted(path.stem for path in (folder / "images").glob("[!.]*.png"))
    if not names:
        raise DataError(f"{folder / 'images'}: no frames; a dataset holds them as images/NAME.png")
    return tuple(names)


def _has_masks(folder: Path, names: tuple[str, ...]) -> bool:
    masks = {path.stem for path in (folder / "masks").glob("[!.]*.png")}
    missing = [name for name in names if name not in masks]
    if masks and missing:
        raise DataError(
            f"{folder / 'masks'}: no mask for frame '{missing[0]}' ({len(missing)} missing); "
            "a frame without target has an all-black mask"
        )
    return bool(masks)


def _read_splits(folder: Path, names: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    known, owner = set(names), dict[str, str]()
    splits = {split: tuple(read_lines(folder / "splits" / f"{split}.txt")) for split in SPLITS}
    for split, listed in splits.items():
        path = folder / "splits" / f"{split}.txt"
        if not listed:
            raise DataError(f"{path}: empty split; it needs at least one frame name a line")
        for name in listed:
            if name not in known:
                raise DataError(f"{path}: frame '{name}' is not in images; add the frame or remove the line")
            if name in owner:
                raise DataError(f"{path}: frame '{name}' is in {owner[name]} already; a frame has one split")
            owner[name] = split
    return splits


def read_info(folder: Path) -> DatasetInfo:
    """Return what dataset.json says of the origin of a dataset; its folder's name without that file.

    Raises:
        DataError: it is no JSON object.
    """
    path = folder / "dataset.json"
    if not path.is_file():
        return DatasetInfo(name=folder.resolve().name)
    stored = read_object(path)
    return DatasetInfo(**{field.name: str(stored.get(field.name, "")) for field in fields(DatasetInfo)})
