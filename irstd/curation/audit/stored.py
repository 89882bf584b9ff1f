"""What stands in a dataset's folder: its files and lists, however faulty."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from irstd.curation.audit.findings import Finding, error
from irstd.datasets.canonical import SOFT_MASKS, SPLITS
from irstd.datasets.points_csv import read_rows
from irstd.errors import DataError
from irstd.files.reading import read_lines, read_object

T = TypeVar("T")


@dataclass(frozen=True)
class Stored:
    """A dataset's folder as it is; frames and masks are not opened.

    Attributes:
        folder: where it is.
        frames: the names of images/*.png, sorted.
        masks: the names of masks/*.png, sorted.
        strays: what lies in images and masks and is no PNG, as images/NAME.
        splits: train, val and test, each the lines of its list; those that can be read.
        rows: frame, x, y of points.csv; None where there is none or it cannot be read.
        has_points: whether there is a points.csv.
        soft_masks: frames whose masks had more levels than two when they were imported, as dataset.json tells.
        faults: what could not be read of the lists.
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

    @classmethod
    def of(cls, folder: Path) -> "Stored":
        """What stands in `folder`.

        Raises:
            DataError: there is no such folder, or it holds no frame at all.
        """
        if not folder.is_dir():
            raise DataError(
                f"{folder}: no such folder; make the dataset first (`irstd data demo`, `irstd data import`)"
            )
        frames = _names(folder / "images")
        if not frames:
            raise DataError(f"{folder / 'images'}: no frames; a dataset holds them as images/NAME.png")
        faults = list[Finding]()
        lists = {split: _tried(read_lines, folder, f"splits/{split}.txt", faults) for split in SPLITS}
        has_points = (folder / "points.csv").is_file()
        rows = _tried(read_rows, folder, "points.csv", faults) if has_points else None
        described = (folder / "dataset.json").is_file()
        description = _tried(read_object, folder, "dataset.json", faults) if described else None
        return cls(
            folder=folder,
            frames=frames,
            masks=_names(folder / "masks"),
            strays=(*_strays(folder, "images"), *_strays(folder, "masks")),
            splits={split: tuple(lines) for split, lines in lists.items() if lines is not None},
            rows=rows,
            has_points=has_points,
            soft_masks=_soft_masks(description),
            faults=tuple(faults),
        )

    def homes(self) -> dict[str, str]:
        """The split of each frame that is there and listed, in the lists' order; of several the first."""
        known, homes = set(self.frames), dict[str, str]()
        for split, names in self.splits.items():
            for name in names:
                if name in known:
                    homes.setdefault(name, split)
        return homes

    def points(self) -> dict[str, NDArray[np.float64]] | None:
        """The points (n, 2) of each frame with any in points.csv, those that are no numbers left out; None without."""
        if self.rows is None:
            return None
        finite = self.rows[np.isfinite(self.rows[["x", "y"]].to_numpy()).all(axis=1)]
        return {str(name): part[["x", "y"]].to_numpy(dtype=np.float64) for name, part in finite.groupby("frame")}


def _soft_masks(description: Mapping[str, Any] | None) -> frozenset[str]:
    listed = (description or {}).get(SOFT_MASKS)
    return frozenset(map(str, listed)) if isinstance(listed, list) else frozenset()


def without_folder(fault: DataError, folder: Path) -> str:
    """The fault's message, its path from inside the dataset, so that it is the same wherever the dataset lies."""
    return str(fault).removeprefix(f"{folder}/")


def _names(folder: Path) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in folder.glob("[!.]*.png")))


def _strays(folder: Path, part: str) -> list[str]:
    return sorted(f"{part}/{path.name}" for path in (folder / part).glob("[!.]*") if path.suffix != ".png")


def _tried(read: Callable[[Path], T], folder: Path, name: str, faults: list[Finding]) -> T | None:
    try:
        return read(folder / name)
    except DataError as fault:
        faults.append(error("unreadable-list", without_folder(fault, folder)))
        return None
