"""The counts of hse-2 as columns of the Parquet file of counts: the level and the changes at it, a list a frame."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from irstd.metrics.ranked import PIXEL_COLUMNS, TARGET_COLUMNS, Ranked
from irstd.metrics.steps import Steps

_LOWEST = "lowest"
_CURVES = {"pixels": PIXEL_COLUMNS, "targets": TARGET_COLUMNS}
_KINDS = {"levels": pa.float32(), "changes": pa.int64()}


def rank_fields() -> list[pa.Field]:
    """The fields of the columns; a frame without ranks has null in each."""
    lists = [
        pa.field(f"ranked_{curve}_{what}", pa.list_(pa.field("element", kind, nullable=False)))
        for curve in _CURVES
        for what, kind in _KINDS.items()
    ]
    return [pa.field(_LOWEST, pa.float32()), *lists]


def rank_columns(ranks: Sequence[Ranked | None]) -> list[pa.Array]:
    """The columns in the order of `rank_fields`."""
    columns = [pa.array([None if each is None else each.lowest for each in ranks], pa.float32())]
    for field in rank_fields()[1:]:
        _, curve, what = field.name.split("_")
        values = [None if each is None else getattr(getattr(each, curve), what).ravel() for each in ranks]
        columns.append(pa.array(values, field.type))
    return columns


def ranks_of(table: pa.Table) -> list[Ranked | None]:
    """The ranks of each row; None where it has none.

    Raises:
        ValueError: a part is missing, or levels and changes are not those of counts.
    """
    lowest = table.column(_LOWEST).to_pylist()
    curves = {curve: _steps(table, curve, columns) for curve, columns in _CURVES.items()}
    found: list[Ranked | None] = []
    for row, least in enumerate(lowest):
        parts = {curve: steps[row] for curve, steps in curves.items()}
        missing = [part is None for part in (least, *parts.values())]
        if any(missing) != all(missing) or not 0 <= (least or 0) <= 1:
            raise ValueError(f"row {row + 1} has a part of its ranks only, or a response outside [0, 1]")
        whole: dict[str, Any] = parts
        found.append(None if least is None else Ranked(least, **whole))
    return found


def _steps(table: pa.Table, curve: str, columns: int) -> list[Steps | None]:
    """The steps of one curve in each row.

    Raises:
        ValueError: the levels do not fall, or the changes do not fit to them.
    """
    levels, changes = (_lists(table, f"ranked_{curve}_{what}") for what in _KINDS)
    found: list[Steps | None] = []
    for own, flat in zip(levels, changes, strict=True):
        if own is None or flat is None:
            found.append(None)
            continue
        if len(flat) != len(own) * columns or not (np.diff(own) < 0).all():
            raise ValueError(f"the ranks of its {curve} are no counts at falling levels")
        steps = Steps(own, flat.reshape(-1, columns))
        if (steps.counts() < 0).any():
            raise ValueError(f"the ranks of its {curve} are negative")
        found.append(steps)
    return found


def _lists(table: pa.Table, name: str) -> list[NDArray[Any] | None]:
    column = table.column(name).combine_chunks()
    flat: NDArray[Any] = column.values.to_numpy(zero_copy_only=False)
    if column.values.null_count:
        raise ValueError(f"{name} is missing a value")
    ends, known = column.offsets.to_pylist(), column.is_valid().to_pylist()
    return [flat[start:end] if there else None for start, end, there in zip(ends, ends[1:], known, strict=False)]
