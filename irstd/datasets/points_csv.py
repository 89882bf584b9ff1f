"""points.csv, the table of targets: one row a target."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from irstd.errors import DataError, shortened
from irstd.files import write_text
from irstd.files.tables import LINE, as_numbers, read_columns

_POSITION = ("frame", "x", "y")
_DECIMALS = 4  # of a px; far more precise than any label
_FORMAT = f"%.{_DECIMALS}f"


@dataclass(frozen=True)
class Row:
    """A target.

    Attributes:
        frame: name of its frame.
        x: px; pixel centres at integers, origin top left.
        y: px.
        area_px: pixels of its mask; None without a mask.
    """

    frame: str
    x: float
    y: float
    area_px: int | None = None


def as_stored(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `points` (n, 2) as they are read back from points.csv: rounded to its decimals."""
    rounded = [[float(_FORMAT % value) for value in point] for point in points]
    return np.array(rounded, dtype=np.float64).reshape(-1, 2)


def write_points(path: Path, rows: Iterable[Row], *, with_area: bool = False) -> None:
    """Write `rows` in their order with the columns frame, x, y (4 decimals) and, `with_area`, area_px.

    Raises:
        DataError: the folder cannot be written to.
    """
    write_text(path, points_text(rows, with_area=with_area))


def points_text(rows: Iterable[Row], *, with_area: bool = False) -> str:
    """Return the content of such a file."""
    columns = [*_POSITION, *(["area_px"] if with_area else [])]
    table = pd.DataFrame([{name: getattr(row, name) for name in columns} for row in rows], columns=columns)
    if with_area:
        table["area_px"] = table["area_px"].astype("Int64")
    return str(table.to_csv(index=False, float_format=_FORMAT, lineterminator="\n"))


def read_points(
    path: Path, names: Iterable[str], find: Callable[[str], str | None] | None = None
) -> Mapping[str, NDArray[np.float64]]:
    """Read the points of the frames `names`: float64 (n, 2) of (x, y) px by name, (0, 2) for a frame without rows.

    `find` returns the frame that a row means; None: rows have the frames' very names.

    Raises:
        DataError: the file is missing or no table, lacks a column, or a row has no finite numbers or an absent frame.
    """
    table = read_rows(path)
    positions = table[["x", "y"]].to_numpy(dtype=np.float64)
    faulty = np.flatnonzero(~np.isfinite(positions).all(axis=1))
    if len(faulty):
        raise DataError(
            f"{path}: line {table[LINE].iloc[faulty[0]]}: x and y must be finite numbers in px, such as 1.5; "
            "correct that line"
        )
    frames = table["frame"].to_numpy(dtype=object)
    if find is not None:
        frames = np.array([find(name) or name for name in frames], dtype=object)
    known = list(names)
    absent = sorted(set(frames) - set(known))
    if absent:
        raise DataError(
            f"{path}: frame '{shortened(absent[0])}' is not in images (names have no folder and no suffix); "
            "add the frame or remove its rows"
        )
    return {name: positions[frames == name] for name in known}


def read_rows(path: Path) -> pd.DataFrame:
    """Read all rows, unchecked: frame (text), x and y (float64 px, NaN for what is no number), and `LINE`.

    Raises:
        DataError: the file is missing, no table or lacks a column.
    """
    table = read_columns(path, _POSITION)
    return table.assign(x=as_numbers(table["x"]), y=as_numbers(table["y"]))
