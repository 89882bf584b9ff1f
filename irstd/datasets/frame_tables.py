"""boxes.csv and sequences.csv, which a dataset may have beside its points.

boxes.csv       frame, x, y, width, height: first column and row of a box and its sides, in whole or half px
sequences.csv   frame, clip, index: the clip that a frame is of, and its number in it, from 0
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from irstd.errors import DataError, shortened
from irstd.files import write_text
from irstd.files.tables import LINE, as_numbers, read_columns

BOXES, SEQUENCES = "boxes.csv", "sequences.csv"

_SIDES = ("x", "y", "width", "height")
Find = Callable[[str], str | None]
"""Returns the frame that a row means, or None."""


@dataclass(frozen=True)
class Moment:
    """The place of a frame in a clip.

    Attributes:
        clip: name of the clip.
        index: number of the frame in it, from 0.
    """

    clip: str
    index: int


def read_boxes(path: Path, names: Iterable[str], find: Find | None = None) -> Mapping[str, NDArray[np.float64]]:
    """Read the boxes of the frames `names`: float64 (n, 4) of x, y, width, height px by name, (0, 4) without rows.

    Raises:
        DataError: the file is missing or no table, a row has no box of at least a px, or an absent frame.
    """
    table = read_columns(path, ("frame", *_SIDES))
    boxes = np.stack([as_numbers(table[side]) for side in _SIDES], axis=1)
    _check(path, table, np.isfinite(boxes).all(axis=1) & (boxes[:, 2:] >= 1).all(axis=1), "a box of numbers in px")
    known = list(names)
    frames = _frames(path, table, known, find)
    return {name: boxes[frames == name] for name in known}


def write_boxes(path: Path, boxes: Mapping[str, NDArray[np.float64]]) -> None:
    """Write boxes (n, 4) by frame, in their order.

    Raises:
        DataError: the folder cannot be written to.
    """
    rows = [(name, *box) for name, own in boxes.items() for box in own.tolist()]
    table = pd.DataFrame(rows, columns=["frame", *_SIDES])
    write_text(path, table.to_csv(index=False, float_format="%.4f", lineterminator="\n"))


def read_sequences(path: Path, names: Iterable[str], find: Find | None = None) -> Mapping[str, Moment]:
    """Read the moments of the frames `names`; frames without a row are of no clip.

    Raises:
        DataError: the file is missing or no table, a row has no index or an absent frame, or a frame has several.
    """
    table = read_columns(path, ("frame", "clip", "index"))
    index = as_numbers(table["index"]).to_numpy()
    whole = (index >= 0) & (index % 1 == 0) & (index < 2**53) & (table["clip"].to_numpy() != "")
    _check(path, table, whole, "a clip and a whole index from 0")
    known = list(names)
    frames = _frames(path, table, known, find)
    twice = [name for name, rows in Counter(frames).items() if rows > 1]
    if twice:
        raise DataError(f"{path}: frame '{shortened(twice[0])}' has several rows; a frame is of one clip")
    given = zip(frames, table["clip"], index, strict=True)
    return {str(name): Moment(str(clip), int(number)) for name, clip, number in given}


def write_sequences(path: Path, moments: Mapping[str, Moment]) -> None:
    """Write the moments by frame, in their order.

    Raises:
        DataError: the folder cannot be written to.
    """
    rows = [(name, moment.clip, moment.index) for name, moment in moments.items()]
    table = pd.DataFrame(rows, columns=["frame", "clip", "index"])
    write_text(path, table.to_csv(index=False, lineterminator="\n"))


def _check(path: Path, table: pd.DataFrame, good: NDArray[np.bool_], needed: str) -> None:
    faulty = np.flatnonzero(~good)
    if len(faulty):
        raise DataError(f"{path}: line {table[LINE].iloc[faulty[0]]}: needs {needed}; correct that line")


def _frames(path: Path, table: pd.DataFrame, known: list[str], find: Find | None) -> NDArray[np.object_]:
    """Return the frame of each row."""
    frames = [name if find is None else find(name) or name for name in table["frame"]]
    absent = sorted(set(frames) - set(known))
    if absent:
        raise DataError(f"{path}: frame '{shortened(absent[0])}' is not in images; add the frame or remove its rows")
    return np.array(frames, dtype=object)
