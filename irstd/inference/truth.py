"""True targets of the frames being searched, from a table that a user gives."""

from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from irstd.datasets.points_csv import read_rows
from irstd.errors import DataError
from irstd.files.tables import LINE
from irstd.frames import IMAGE_SUFFIXES


class TrueTargets:
    """The true targets in a CSV of frame, x, y, by the names that frames have in the table of detections.

    A row may name an image with or without its suffix. A frame without rows has no target.
    """

    def __init__(self, path: Path) -> None:
        """Read the table.

        Raises:
            DataError: the file is missing or no such table, or a row has no finite x and y.
        """
        table = read_rows(path)
        points = table[["x", "y"]].to_numpy(dtype=np.float64)
        faulty = np.flatnonzero(~np.isfinite(points).all(axis=1))
        if len(faulty):
            line = table[LINE].iloc[int(faulty[0])]
            raise DataError(
                f"{path}: line {line}: x and y must be finite numbers in px, such as 1.5; correct that line"
            )
        keys = table["frame"].map(_key).to_numpy(dtype=object)
        self._points: dict[str, NDArray[np.float64]] = {key: points[keys == key] for key in dict.fromkeys(keys)}
        self._asked = set[str]()

    def __call__(self, name: str) -> NDArray[np.float64]:
        """Return the targets, (n, 2) of (x, y) px, of a frame."""
        self._asked.add(_key(name))
        return self._points.get(_key(name), np.zeros((0, 2)))

    def unused(self) -> list[str]:
        """Return the frames of the table that were never asked for."""
        return [key for key in self._points if key not in self._asked]


def _key(name: str) -> str:
    path = PurePosixPath(name)
    return str(path.with_suffix("")) if path.suffix.lower() in IMAGE_SUFFIXES else name
