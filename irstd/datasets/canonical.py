"""The canonical dataset: one folder form for every source.

    NAME/images/FRAME.png     8- or 16-bit, one or three channels, any size
    NAME/masks/FRAME.png      any nonzero pixel is target; all black for a frame without target
    NAME/points.csv           frame, x, y: one row a target; none for a frame without target
    NAME/splits/SPLIT.txt     train, val, test: one frame name a line
    NAME/dataset.json         name, source, citation, licence, counts; splits: how they came about

Masks or points or both: where both are there, the points are those of points.csv.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from irstd.datasets.points_csv import read_points
from irstd.datasets.sample import Sample
from irstd.errors import DataError, lookup
from irstd.files.reading import read_lines, read_object
from irstd.frames import Frame, read_image, read_mask
from irstd.labels.points import points_from_mask

SPLITS = ("train", "val", "test")
SOFT_MASKS = "soft_masks"
"""The entry of dataset.json for frames whose masks, as published, had more levels than two."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def check_name(name: str) -> str:
    """`name` itself, if a dataset may be called so.

    Raises:
        DataError: it is a path, is empty or holds other characters.
    """
    if not _NAME.fullmatch(name):
        raise DataError(
            f"'{name}' is no dataset name: needed are letters, digits, '.', '_' and '-', the first a letter or digit; "
            "give a name, not a path"
        )
    return name


@dataclass(frozen=True)
class DatasetInfo:
    """Where a dataset comes from.

    Attributes:
        name: the dataset's name, which is its folder's too.
        source: who published it, or how it was made.
        citation: what to cite.
        licence: under what terms it may be used.
        splits: how its splits came about; empty where nobody says.
    """

    name: str
    source: str = ""
    citation: str = ""
    licence: str = ""
    splits: str = ""


@dataclass(frozen=True)
class CanonicalDataset:
    """A dataset on disk; frames are read when asked for.

    Attributes:
        folder: where it is.
        info: of dataset.json; the folder's name alone where there is none.
        names: all frames, sorted.
        splits: train, val and test, each the names of its frames in the file's order.
        has_masks: whether every frame has a mask, or none has.
        points: of points.csv, for every frame; None where the masks alone tell.
    """

    folder: Path
    info: DatasetInfo
    names: tuple[str, ...]
    splits: Mapping[str, tuple[str, ...]]
    has_masks: bool
    points: Mapping[str, NDArray[np.float64]] | None

    @classmethod
    def open(cls, folder: Path) -> "CanonicalDataset":
        """The dataset in `folder`, its lists read and checked against its files.

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
            info=_read_info(folder),
            names=names,
            splits=_read_splits(folder, names),
            has_masks=has_masks,
            points=read_points(folder / "points.csv", names) if has_points else None,
        )

    def frame(self, name: str) -> Frame:
        """The frame `name` as stored.

        Raises:
            DataError: it is not in the dataset or cannot be read.
        """
        if name not in self.names:
            raise DataError(f"{self.folder}: has no frame '{name}'; its {len(self.names)} frames are in images")
        return read_image(self.folder / "images" / f"{name}.png")

    def sample(self, name: str) -> Sample:
        """The frame `name` with its points and, where there are masks, its mask.

        Raises:
            DataError: a file cannot be read, the mask has another size than the frame, a point lies outside it.
        """
        frame = self.frame(name)
        mask = self._mask(name, frame.shape[:2]) if self.has_masks else None
        if self.points is not None:
            points = self.points[name]
        else:
            points = points_from_mask(np.zeros((0, 0), dtype=np.bool_) if mask is None else mask)
        self._check_inside(name, points, frame.shape[:2])
        return Sample(name=name, frame=frame, points=points, mask=mask)

    def samples(self, split: str) -> Iterator[Sample]:
        """The samples of one split in its order, one in memory at a time.

        Raises:
            UnknownNameError: no such split.
            DataError: as `sample`.
        """
        yield from (self.sample(name) for name in lookup(self.splits, split, "split"))

    def _mask(self, name: str, size: tuple[int, ...]) -> NDArray[np.bool_]:
        path = self.folder / "masks" / f"{name}.png"
        mask = read_mask(path)
        if mask.shape != size:
            raise DataError(
                f"{path}: is {mask.shape[1]}×{mask.shape[0]} px, its frame {size[1]}×{size[0]} px; "
                "a mask has its frame's size"
            )
        return mask

    def _check_inside(self, name: str, points: NDArray[np.float64], size: tuple[int, ...]) -> None:
        height, width = size
        outside = ((points < -0.5) | (points > (width - 0.5, height - 0.5))).any(axis=1)
        if outside.any():
            x, y = points[np.argmax(outside)]
            raise DataError(
                f"{self.folder / 'points.csv'}: ({x:g}, {y:g}) of frame '{name}' lies outside its {width}×{height} px; "
                "points are (x, y) from the top left"
            )


def _frame_names(folder: Path) -> tuple[str, ...]:
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder; make the dataset first (`irstd data demo`, `irstd data import`)")
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
                raise DataError(f"{path}: frame '{name}' stands already in {owner[name]}; a frame has one split")
            owner[name] = split
    return splits


def _read_info(folder: Path) -> DatasetInfo:
    path = folder / "dataset.json"
    if not path.is_file():
        return DatasetInfo(name=folder.resolve().name)
    stored = read_object(path)
    return DatasetInfo(**{field.name: str(stored.get(field.name, "")) for field in fields(DatasetInfo)})
