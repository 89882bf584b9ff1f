"""The content of a dataset's folder, which may be faulty."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from irstd.curation.audit.findings import Finding, error
from irstd.datasets.canonical import SOFT_MASKS, SPLITS, no_dataset
from irstd.datasets.frame_tables import BOXES, SEQUENCES, read_boxes, read_sequences
from irstd.datasets.points_csv import read_rows
from irstd.errors import DataError
from irstd.files.reading import read_lines, read_object

T = TypeVar("T")


@dataclass(frozen=True)
class Stored:
    """The content of a dataset's folder; frames and masks are not opened.

    Attributes:
        folder: the folder.
        frames: names of images/*.png, sorted.
        masks: names of masks/*.png, sorted.
        strays: other files in images and masks, as images/NAME.
        splits: lines of each list of train, val and test that can be read.
        rows: frame, x, y of points.csv; None without the file or if it cannot be read.
        has_points: True if there is a points.csv.
        soft_masks: frames whose masks had more than two levels when they were imported, from dataset.json.
        faults: findings on files that cannot be read.
        clips: clip of each frame that sequences.csv lists.
        origin_of_splits: what dataset.json says of the splits; empty if nothing.
    """

    folder: Path
    frames: tuple[str, ...]
    masks: tuple[str, ...]
    strays: tuple[str, ...]
    splits: Mapping[str, tuple[str, ...]]
    rows: pd.DataFrame | None
    has_points: bool
    soft_masks: frozenset[str]
    faults: tuple[Finding, ...]
    clips: Mapping[str, str] = field(default_factory=dict)
    origin_of_splits: str = ""

    @classmethod
    def of(cls, folder: Path) -> "Stored":
        """Read the lists in `folder`.

        Raises:
            DataError: there is no such folder, or it holds no frame.
        """
        if not folder.is_dir():
            raise no_dataset(folder)
        frames = _names(folder / "images")
        if not frames:
            raise DataError(f"{folder / 'images'}: no frames; a dataset holds them as images/NAME.png")
        faults = list[Finding]()
        lists = {split: _tried(read_lines, folder, f"splits/{split}.txt", faults) for split in SPLITS}
        has_points = (folder / "points.csv").is_file()
        rows = _tried(read_rows, folder, "points.csv", faults, optional=True)
        description = _tried(read_object, folder, "dataset.json", faults, optional=True) or {}
        soft = description.get(SOFT_MASKS)
        moments = _tried(lambda path: read_sequences(path, frames), folder, SEQUENCES, faults, optional=True)
        _tried(lambda path: read_boxes(path, frames), folder, BOXES, faults, optional=True)
        return cls(
            folder=folder,
            frames=frames,
            masks=_names(folder / "masks"),
            strays=(*_strays(folder, "images"), *_strays(folder, "masks")),
            splits={split: tuple(lines) for split, lines in lists.items() if lines is not None},
            rows=rows,
            has_points=has_points,
            soft_masks=frozenset(map(str, soft)) if isinstance(soft, list) else frozenset(),
            faults=tuple(faults),
            clips={name: moment.clip for name, moment in (moments or {}).items()},
            origin_of_splits=str(description.get("splits", "")),
        )

    @cached_property
    def homes(self) -> Mapping[str, str]:
        """The split of each listed frame that exists, in the lists' order; the first of several."""
        known, homes = set(self.frames), dict[str, str]()
        for split, names in self.splits.items():
            for name in names:
                if name in known:
                    homes.setdefault(name, split)
        return homes

    @cached_property
    def members(self) -> Mapping[str, Sequence[str]]:
        """The frames of each of train, val and test by `homes`."""
        return {split: [name for name, home in self.homes.items() if home == split] for split in SPLITS}

    def points(self) -> dict[str, NDArray[np.float64]] | None:
        """Return the finite points (n, 2) in points.csv of each frame that has any; None without the file."""
        if self.rows is None:
            return None
        finite = self.rows[np.isfinite(self.rows[["x", "y"]].to_numpy()).all(axis=1)]
        return {str(name): part[["x", "y"]].to_numpy(dtype=np.float64) for name, part in finite.groupby("frame")}


def without_folder(fault: DataError, folder: Path) -> str:
    """Return the fault's message with paths relative to the dataset, so that it is the same on every machine."""
    return str(fault).removeprefix(f"{folder}/")


def _names(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in folder.glob("[!.]*.png")))


def _strays(folder: Path, part: str) -> list[str]:
    return sorted(f"{part}/{path.name}" for path in (folder / part).glob("[!.]*") if path.suffix != ".png")


def _tried(
    read: Callable[[Path], T], folder: Path, name: str, faults: list[Finding], *, optional: bool = False
) -> T | None:
    if optional and not (folder / name).is_file():
        return None
    try:
        return read(folder / name)
    except DataError as fault:
        faults.append(error("unreadable-list", without_folder(fault, folder)))
        return None
