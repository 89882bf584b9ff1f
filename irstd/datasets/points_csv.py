"""points.csv, the table of targets: one row a target."""

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from irstd.errors import DataError
from irstd.files import write_text
from irstd.files.reading import read_text

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
    columns = ["frame", "x", "y", *(["area_px"] if with_area else [])]
    table = pd.DataFrame([{name: getattr(row, name) for name in columns} for row in rows], columns=columns)
    if with_area:
        table["area_px"] = table["area_px"].astype("Int64")
    write_text(path, table.to_csv(index=False, float_format=_FORMAT, lineterminator="\n"))


def read_points(path: Path, names: Iterable[str]) -> Mapping[str, NDArray[np.float64]]:
    """Read the points of the frames `names`: float64 (n, 2) of (x, y) px by name, (0, 2) for a frame without rows.

    Raises:
        DataError: the file is missing or no table, lacks a column, or a row has no finite numbers or an absent frame.
    """
    table = read_rows(path)
    positions = table[["x", "y"]].to_numpy(dtype=np.float64)
    faulty = np.flatnonzero(~np.isfinite(positions).all(axis=1))
    if len(faulty):
        raise DataError(f"{path}: line {faulty[0] + 2}: x and y must be finite numbers in px; correct that line")
    frames = table["frame"].to_numpy(dtype=object)
    known = list(names)
    absent = sorted(set(frames) - set(known))
    if absent:
        raise DataError(f"{path}: frame '{absent[0]}' is not in images; add the frame or remove its rows")
    return {name: positions[frames == name] for name in known}


def read_rows(path: Path) -> pd.DataFrame:
    """Read all rows, unchecked: frame (text), x and y (float64 px, NaN for what is no number).

    Raises:
        DataError: the file is missing, no table or lacks a column.
    """
    text = read_text(path)
    try:
        table = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, skipinitialspace=True)
    except (pd.errors.EmptyDataError, pd.errors.ParserError) as fault:
        reason = str(fault).strip().splitlines()[-1]
        raise DataError(f"{path}: is no table ({reason}); needed are the columns frame, x, y") from fault
    missing = [column for column in ("frame", "x", "y") if column not in table.columns]
    if missing:
        raise DataError(f"{path}: no column {', '.join(missing)}; needed are frame, x, y (px), one row a target")
    positions = table[["x", "y"]].apply(pd.to_numeric, errors="coerce").astype(np.float64)
    return pd.DataFrame({"frame": table["frame"], "x": positions["x"], "y": positions["y"]})
