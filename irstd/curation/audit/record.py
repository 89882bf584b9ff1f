"""The audit in files: audit.json and near_duplicates.csv, the same bytes for the same dataset, wherever it lies."""

import io
import json
from dataclasses import asdict, fields
from pathlib import Path

import pandas as pd

from irstd.curation.audit.audit import Audit
from irstd.curation.audit.duplicates import NearDuplicate
from irstd.errors import DataError
from irstd.files import make_folder, write_text
from irstd.files.reading import read_text

_COLUMNS = [field.name for field in fields(NearDuplicate)]


def audit_json(audit: Audit) -> str:
    """The dataset's name, the findings and the figures as JSON; no time, no path but those inside the dataset."""
    content = {
        "dataset": audit.name,
        "findings": [asdict(finding) for finding in audit.findings],
        "statistics": asdict(audit.statistics),
    }
    return _encodable(json.dumps(content, indent=2, ensure_ascii=False)) + "\n"


def write_audit(folder: Path, audit: Audit) -> None:
    """Write audit.json and near_duplicates.csv (split, frame, other_split, other, correlation) to `folder`.

    Raises:
        DataError: it cannot be written to.
    """
    make_folder(folder)
    write_text(folder / "audit.json", audit_json(audit))
    table = pd.DataFrame([asdict(pair) for pair in audit.near_duplicates], columns=_COLUMNS)
    text = str(table.to_csv(index=False, float_format="%.6f", lineterminator="\n"))
    write_text(folder / "near_duplicates.csv", _encodable(text))


def read_near_duplicates(folder: Path) -> frozenset[str]:
    """The frames of test with a near-duplicate in train or val, as near_duplicates.csv in `folder` has them.

    Raises:
        DataError: the file is missing or is no such table.
    """
    path = folder / "near_duplicates.csv"
    try:
        table = pd.read_csv(io.StringIO(read_text(path)), dtype=str, keep_default_na=False)
    except (pd.errors.EmptyDataError, pd.errors.ParserError) as fault:
        raise DataError(f"{path}: is no table; prepare the dataset again") from fault
    if list(table.columns) != _COLUMNS:
        raise DataError(f"{path}: needs the columns {', '.join(_COLUMNS)}; prepare the dataset again")
    return frozenset(table["frame"][table["split"] == "test"])


def _encodable(text: str) -> str:
    """`text` with what is no UTF-8, as file names may hold, written as escapes, which JSON reads back."""
    return text.encode("utf-8", "backslashreplace").decode()
