"""The counts of scored frames as a Parquet file, so that they can be pooled, resampled and compared later.

A row a frame: its split, its name, the operating threshold, the highest score of a false alarm, and every amount of
`Counts` under its name, (10, 5) as 50 in a row; then the counts of hse-2. The file names the score and the layout
that it holds. Layout 1 carries hse-1 only: the counts read from it have no ranks, so hse-2 is None.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from irstd.comparison.stored_ranks import rank_columns, rank_fields, ranks_of
from irstd.errors import DataError, ScoreError
from irstd.files import read_bytes, write_bytes
from irstd.metrics.counts import SHAPES, Counts
from irstd.metrics.frame import FrameCounts
from irstd.metrics.score import DEFINITION

COUNTS_FILE = "counts.parquet"
"""Its name in the folder of an evaluation."""

LAYOUT = 2
_WITHOUT_RANKS = 1
_LAYOUT_KEY, _DEFINITION_KEY = b"irstd.counts", b"irstd.definition"


def write_counts(path: Path, splits: Mapping[str, Sequence[FrameCounts]]) -> None:
    """Write the frames' counts of each split; the same counts in the same order give the same bytes.

    Raises:
        ScoreError: a split has no frame, a name twice, one that is no UTF-8, or two operating thresholds.
        DataError: the file cannot be written; an older one stays.
    """
    for split, frames in splits.items():
        wrong = _wrong(frames)
        if wrong:
            raise ScoreError(f"{split}: its counts cannot be stored: {wrong}")
    labels = [split for split, frames in splits.items() for _ in frames]
    table = _table(labels, [frame for frames in splits.values() for frame in frames])
    sink = pa.BufferOutputStream()
    # Statistics would repeat the values. Checksums tell damage, which decompression may not notice.
    pq.write_table(table, sink, compression="zstd", write_statistics=False, write_page_checksum=True)
    write_bytes(path, sink.getvalue().to_pybytes())


def read_counts(path: Path) -> dict[str, list[FrameCounts]]:
    """The counts of each split as they were written, to the last bit.

    Raises:
        DataError: the file is not there, is damaged, holds something else or was written by a newer irstd.
    """
    try:
        data = read_bytes(path)
    except DataError as fault:
        raise DataError(f"{fault}; give the {COUNTS_FILE} of an evaluation") from fault
    splits: dict[str, list[FrameCounts]] = {}
    try:
        for split, frame in _frames(_opened(path, data)):
            splits.setdefault(split, []).append(frame)
    except (pa.ArrowException, OSError, ValueError, ScoreError) as fault:
        raise _damaged(path, str(fault)) from fault
    for split, frames in splits.items():
        wrong = _wrong(frames)
        if wrong:
            raise _damaged(path, f"{split}: {wrong}")
    return splits


def _wrong(frames: Sequence[FrameCounts]) -> str | None:
    """Return why the counts of a split cannot be stored, or read and pooled; None if they can."""
    if not frames:
        return "there is no frame; score at least one"
    thresholds = sorted({frame.counts.threshold for frame in frames})
    if len(thresholds) > 1:
        return f"they were made at operating thresholds from {thresholds[0]:g} to {thresholds[-1]:g}; score all at one"
    seen: set[str] = set()
    for name in (frame.name for frame in frames):
        if name in seen:
            return f"the frame name '{name}' is there twice; give each frame its own"
        seen.add(name)
        if not _is_utf8(name):
            return f"the frame name {name!r} is no UTF-8; rename the frame"
    return None


def _is_utf8(name: str) -> bool:
    return name.encode("utf-8", "replace").decode() == name


def _schema(layout: int = LAYOUT) -> pa.Schema:
    columns = [("split", pa.string(), False), ("name", pa.string(), False), ("threshold", pa.float64(), False)]
    columns.append(("highest_false_score", pa.float64(), True))
    columns += [(name, _type(shape), False) for name, shape in SHAPES.items()]
    metadata = {_LAYOUT_KEY: str(layout).encode(), _DEFINITION_KEY: DEFINITION.encode()}
    plain = [pa.field(name, kind, nullable) for name, kind, nullable in columns]
    return pa.schema(plain if layout == _WITHOUT_RANKS else plain + rank_fields(), metadata)


def _type(shape: tuple[int, ...]) -> Any:
    if not shape:
        return pa.int64()
    return pa.list_(pa.field("element", pa.int64(), nullable=False), int(np.prod(shape)))


def _table(labels: Sequence[str], frames: Sequence[FrameCounts]) -> pa.Table:
    columns = [
        pa.array(labels, pa.string()),
        pa.array([frame.name for frame in frames], pa.string()),
        pa.array([frame.counts.threshold for frame in frames], pa.float64()),
        pa.array([frame.highest_false_score for frame in frames], pa.float64()),
    ]
    for name, shape in SHAPES.items():
        values = np.array([getattr(frame.counts, name) for frame in frames], dtype=np.int64).ravel()
        flat = pa.array(values, pa.int64())
        columns.append(pa.FixedSizeListArray.from_arrays(flat, type=_type(shape)) if shape else flat)
    columns += rank_columns([frame.counts.ranked for frame in frames])
    return pa.Table.from_arrays(columns, schema=_schema())


def _opened(path: Path, data: bytes) -> pa.Table:
    """The table of a file, its columns those that are written.

    Raises:
        DataError: it holds something else, or was written by a newer irstd.
        ValueError, OSError, pyarrow.ArrowException: it is damaged.
    """
    file = pq.ParquetFile(pa.BufferReader(data), page_checksum_verification=True)
    said = file.schema_arrow.metadata or {}
    layout, definition = (said.get(key, b"").decode("utf-8", "replace") for key in (_LAYOUT_KEY, _DEFINITION_KEY))
    if not layout.isdecimal() or not definition:
        raise DataError(f"{path}: a table of something else; give the {COUNTS_FILE} of an evaluation")
    if int(layout) > LAYOUT or definition != DEFINITION:
        raise DataError(
            f"{path}: holds counts of {definition} in layout {layout}, this irstd reads {DEFINITION} up to layout "
            f"{LAYOUT}; evaluate again, or use the irstd that wrote it"
        )
    if not file.schema_arrow.equals(_schema(int(layout))):
        raise ValueError("its columns are not those of counts")
    return file.read()


def _frames(table: pa.Table) -> list[tuple[str, FrameCounts]]:
    """Each row's split and counts.

    Raises:
        ValueError: a value is missing or negative.
        ScoreError: an operating threshold lies outside (0, 1].
    """
    amounts = {name: _amounts(table, name, shape) for name, shape in SHAPES.items()}
    keys = [table.column(name).to_pylist() for name in ("split", "name", "threshold", "highest_false_score")]
    ranks = ranks_of(table) if table.schema.equals(_schema()) else [None] * len(table)
    found = []
    for row, (split, name, threshold, highest) in enumerate(zip(*keys, strict=True)):
        if split is None or name is None or threshold is None:
            raise ValueError(f"row {row + 1} has no split, name or threshold")
        Counts.none(threshold)
        own: dict[str, Any] = {each: part[row] if SHAPES[each] else int(part[row]) for each, part in amounts.items()}
        found.append((split, FrameCounts(name, Counts(threshold, **own, ranked=ranks[row]), highest)))
    return found


def _amounts(table: pa.Table, name: str, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """int64 (rows, …) of one amount."""
    column = table.column(name).combine_chunks()
    flat = column.flatten() if shape else column
    values: NDArray[np.int64] = flat.to_numpy(zero_copy_only=False)
    if column.null_count or flat.null_count or (values < 0).any():
        raise ValueError(f"{name} is missing or negative")
    return values.reshape(-1, *shape)


def _damaged(path: Path, reason: str) -> DataError:
    first = reason.splitlines()[0].rstrip(".") if reason else "unreadable"
    return DataError(f"{path}: damaged, or no file of counts ({first}); evaluate again")
