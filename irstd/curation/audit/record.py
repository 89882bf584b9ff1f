"""The audit in files: audit.json and near_duplicates.csv, the same bytes for the same dataset, wherever it lies."""

import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from irstd.curation.audit.audit import Audit
from irstd.datasets.prepared import NEAR_DUPLICATE_COLUMNS, NEAR_DUPLICATES
from irstd.files import make_folder, write_text


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
    table = pd.DataFrame([asdict(pair) for pair in audit.near_duplicates], columns=list(NEAR_DUPLICATE_COLUMNS))
    text = str(table.to_csv(index=False, float_format="%.6f", lineterminator="\n"))
    write_text(folder / NEAR_DUPLICATES, _encodable(text))


def _encodable(text: str) -> str:
    """`text` with what is no UTF-8, as file names may hold, written as escapes, which JSON reads back."""
    return text.encode("utf-8", "backslashreplace").decode()
