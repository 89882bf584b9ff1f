"""Tables in CSV files: the fields of every row are counted, and every fault is told by its line."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from irstd.errors import DataError, shortened
from irstd.files.reading import read_text

LINE = "line"
"""The column with each row's line in the file, beside those that were asked for."""


def read_columns(path: Path, needed: Sequence[str]) -> pd.DataFrame:
    """Read the columns `needed` as stripped text, and `LINE`; other columns and blank lines are left out.

    Raises:
        DataError: the file is missing, is no text, lacks a column, or a row is longer or shorter than the header.
    """
    reader = csv.reader(io.StringIO(read_text(path)), skipinitialspace=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if "".join(row).strip()]
    except csv.Error as fault:
        raise DataError(f"{path}: line {reader.line_num}: is no row of a table ({fault})") from fault
    header = rows[0][1] if rows else []
    missing = [name for name in needed if name not in header]
    if missing:
        raise DataError(f"{path}: no column {', '.join(missing)} {_about(header, needed)}")
    for line, row in rows[1:]:
        if len(row) != len(header):
            raise DataError(
                f"{path}: line {line}: has {len(row)} fields, the header {len(header)}; correct that line "
                "(a decimal is 1.5, not 1,5)"
            )
    cells = {name: [row[header.index(name)] for _, row in rows[1:]] for name in needed}
    return pd.DataFrame(cells, dtype=object).assign(**{LINE: np.array([line for line, _ in rows[1:]], dtype=np.int64)})


def as_numbers(texts: pd.Series) -> pd.Series:
    """Return the numbers in a column of text, float64; NaN for what is none."""
    return pd.to_numeric(texts, errors="coerce").astype(np.float64)


def _about(header: Sequence[str], needed: Sequence[str]) -> str:
    """Say what a header without the needed columns has, and what to do."""
    if not header:
        return f"(it is empty); needed are {', '.join(needed)}"
    text = ", ".join(header)
    there = f"(its columns are {shortened(text)}); needed are {', '.join(needed)}"
    if any(mark in text for mark in ";\t"):
        return f"{there}, separated by commas, decimals as 1.5"
    return f"{there}, in small letters" if set(needed) <= {name.lower() for name in header} else there
