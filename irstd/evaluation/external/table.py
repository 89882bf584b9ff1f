"""Detections from a CSV with the columns frame, x, y, score, as `irstd detect` writes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from irstd.errors import ScoreError
from irstd.files.tables import LINE, as_numbers, read_columns
from irstd.labels.detections import Detections
from irstd.metrics.thresholds import DISTANCES_PX

COLUMNS = ("frame", "x", "y", "score")

_NEEDED = {
    "frame": "the name of a frame",
    "x": "a finite number of px",
    "y": "a finite number of px",
    "score": "a number in [0, 1]",
}
_MARGIN_PX = DISTANCES_PX[-1]  # beyond the border; farther out nothing can be matched, and the units must be wrong


@dataclass(frozen=True)
class FrameRows:
    """The rows of one frame, strongest first.

    Attributes:
        found: their points in px and scores.
        lines: int64 (n,) of their lines in the file.
    """

    found: Detections
    lines: NDArray[np.int64]

    def check_inside(self, size: tuple[int, ...], where: str) -> None:
        """Raise unless all points lie on a frame of `size` (H, W) or at most 5 px off it.

        Raises:
            ScoreError: a point does not; the message begins with `where` and names its line.
        """
        height, width = size
        points, edge = self.found.points, _MARGIN_PX + 0.5
        outside = ((points < -edge) | (points > (width - 1 + edge, height - 1 + edge))).any(axis=1)
        if outside.any():
            first = np.flatnonzero(outside)[self.lines[outside].argmin()]
            x, y = points[first]
            raise ScoreError(
                f"{where}: line {self.lines[first]}: ({x:g}, {y:g}) lies far outside the frame's {width}×{height} px; "
                "x and y are px of the native frame, from the centre of its top left pixel"
            )


def read_table(path: Path) -> Mapping[str, FrameRows]:
    """The detections in `path` by frame, called as the file calls it, in its order.

    Raises:
        DataError: the file is missing or is no such table.
        ScoreError: a row has no frame, no finite x and y, or no score in [0, 1].
    """
    table = _parsed(path)
    _check(path, table)
    ranked = table.sort_values("confidence", ascending=False, kind="stable")
    parts = dict(iter(ranked.groupby("frame", sort=False)))
    return {name: _rows(parts[name]) for name in table["frame"].unique()}


def _parsed(path: Path) -> pd.DataFrame:
    """The rows as text, their numbers (NaN where there is none) as x_px, y_px and confidence, and their lines."""
    table = read_columns(path, COLUMNS)
    numbers = {"x_px": "x", "y_px": "y", "confidence": "score"}
    return table.assign(**{to: as_numbers(table[of]) for to, of in numbers.items()})


def _check(path: Path, table: pd.DataFrame) -> None:
    """Raise unless every row can be used; the message names the line of the first that cannot."""
    good = {
        "frame": table["frame"] != "",
        "x": np.isfinite(table["x_px"]),
        "y": np.isfinite(table["y_px"]),
        "score": table["confidence"].between(0, 1),
    }
    faulty = np.flatnonzero(~pd.DataFrame(good).all(axis=1))
    if len(faulty):
        row = table.iloc[int(faulty[0])]
        column = next(name for name, fine in good.items() if not fine.iloc[int(faulty[0])])
        raise ScoreError(f"{path}: line {row[LINE]}: {column} must be {_NEEDED[column]}, got '{row[column]}'")


def _rows(part: pd.DataFrame) -> FrameRows:
    points = part[["x_px", "y_px"]].to_numpy(dtype=np.float64)
    scores = part["confidence"].to_numpy(dtype=np.float64)
    return FrameRows(Detections(points=points, scores=scores), part[LINE].to_numpy(dtype=np.int64))
